using Engine.Kernels;

namespace Engine;

/// <summary>
/// y = γ[c]·(x − μ)·r + β[c], μ and r those of a group of channels of one example; formulas at <see cref="GroupNormForward"/>.
/// Shapes: x, y (B, C, …); γ, β (C). dX overwrites; dγ and dβ accumulate.
/// </summary>
internal readonly struct GroupNormOp : IDifferentiable<GroupNormOp.Args, GroupNormOp.Saved>
{
    public readonly record struct Args(Tensor X, Tensor Gamma, Tensor Beta, int Groups, float Eps);

    /// <summary>Mean and Rstd are (B·Groups); β only says where its gradient goes.</summary>
    public readonly record struct Saved(Tensor X, Tensor Gamma, Tensor Beta, Tensor Mean, Tensor Rstd, int Groups) : ISaved
    {
        public void Visit(in SavedVisitor visitor)
        {
            visitor.Values(X);
            visitor.Values(Gamma);
            visitor.Values(Mean);
            visitor.Values(Rstd);
        }
    }

    public static string Name => "GroupNorm";

    public static Tensor Apply(Tensor x, int groups, Tensor gamma, Tensor beta, float eps)
    {
        Check.DType(Name, "x", x, DType.Float32);
        Check.RankAtLeast(Name, "x", x, 2);
        Check.Channels(Name, x, 1, "gamma", gamma);
        Check.Channels(Name, x, 1, "beta", beta);
        if (groups < 1 || x.Shape[1] % groups != 0)
        {
            Check.Fail(Name, $"axis 1 of x {x.Shape} is {x.Shape[1]}, which does not split into {groups} groups of equal size.", x);
        }

        Args a = new(x.Contiguous(), Optional.Contiguous(gamma), Optional.Contiguous(beta), groups, eps);
        return Recorder.Apply<GroupNormOp, Args, Saved>(a, a.X, a.Gamma, a.Beta);
    }

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        Reduction.Split(a.X.Shape, 1, out long B, out long C, out long S);
        long rows = B * a.Groups;
        Tensor y = context.New(a.X.Shape);
        Tensor mean = context.Records ? context.New([(int)rows]) : default;
        Tensor rstd = context.Records ? context.New([(int)rows]) : default;
        context.Launch(
            new GroupNormForward(
                a.X.Flat<float>(), Optional.Flat<float>(a.Gamma), Optional.Flat<float>(a.Beta), y.Flat<float>(),
                Optional.Flat<float>(mean), Optional.Flat<float>(rstd), a.Groups, C / a.Groups, S, a.Eps),
            rows);
        saved = new Saved(a.X, a.Gamma, a.Beta, mean, rstd, a.Groups);
        return y;
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink)
    {
        OpContext context = sink.Context(Name);
        Reduction.Split(s.X.Shape, 1, out long B, out long C, out long S);
        long D = C / s.Groups;
        if (sink.Wants(s.Gamma) || sink.Wants(s.Beta))
        {
            context.Launch(
                new GroupNormParameters(
                    s.X.Flat<float>(), dY.Flat<float>(), s.Mean.Flat<float>(), s.Rstd.Flat<float>(),
                    Optional.Accumulator(sink, s.Gamma, out bool addGamma), Optional.Accumulator(sink, s.Beta, out bool addBeta),
                    B, C, D, S, addGamma, addBeta),
                C);
        }

        if (sink.Wants(s.X))
        {
            Tensor dX = context.New(s.X.Shape);
            context.Launch(
                new GroupNormBackward(
                    s.X.Flat<float>(), Optional.Flat<float>(s.Gamma), dY.Flat<float>(), s.Mean.Flat<float>(),
                    s.Rstd.Flat<float>(), dX.Flat<float>(), s.Groups, D, S),
                B * s.Groups);
            sink.Give(s.X, dX);
        }
    }

    /// <summary>The definition in primitive ops.</summary>
    internal static Tensor Slow(Tensor x, int groups, Tensor gamma, Tensor beta, float eps)
    {
        int B = x.Shape[0];
        int C = x.Shape[1];
        Tensor y = RowNormOp<LayerNorm>.Slow(x.Reshape(B, groups, -1), default, default, eps).Reshape(B, C, -1);
        y = gamma.IsDefined ? y * gamma.Unsqueeze(-1) : y;
        y = beta.IsDefined ? y + beta.Unsqueeze(-1) : y;
        return y.Reshape(x.Shape.Span);
    }
}

/// <content>Group and instance normalisation.</content>
public readonly partial struct Tensor
{
    /// <summary>
    /// Group normalisation (Wu, He, "Group normalization", 2018): each example's channels, axis 1, are split into
    /// <paramref name="groups"/> groups, each normalised by its own mean and biased variance. This (B, C, …) → (B, C, …).
    /// </summary>
    /// <param name="groups">The number of groups; divides C.</param>
    /// <param name="gamma">The gain of each channel, (C); without it 1.</param>
    /// <param name="beta">The bias of each channel, (C); without it 0.</param>
    /// <param name="eps">ε added to the variance; 1e-5 as in the paper.</param>
    /// <exception cref="EngineException">C does not split, γ or β is not (C,), or a dtype is not float32.</exception>
    public Tensor GroupNorm(int groups, Tensor gamma = default, Tensor beta = default, float eps = 1e-5f) =>
        GroupNormOp.Apply(this, groups, gamma, beta, eps);

    /// <summary>
    /// Instance normalisation (Ulyanov, Vedaldi, Lempitsky, 2016): each channel of each example is normalised by itself, which
    /// is group normalisation with C groups. This (B, C, …) → (B, C, …); parameters as in <see cref="GroupNorm"/>.
    /// </summary>
    /// <exception cref="EngineException">γ or β is not (C,), or a dtype is not float32.</exception>
    public Tensor InstanceNorm(Tensor gamma = default, Tensor beta = default, float eps = 1e-5f)
    {
        Check.RankAtLeast("InstanceNorm", "x", this, 2);
        return GroupNormOp.Apply(this, Math.Max(1, Shape[1]), gamma, beta, eps);
    }
}
