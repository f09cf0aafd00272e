using Engine.Kernels;

namespace Engine;

/// <summary>
/// y = γ·(x − μ)·r + β over the last axis, r = 1/√(σ² + ε) with the biased variance. Shapes: x, y (…, C); γ, β (C).
/// dX overwrites; dγ and dβ accumulate. Formulas: <see cref="LayerNormForward"/>, <see cref="LayerNormBackward"/>.
/// </summary>
internal readonly struct LayerNormOp : IDifferentiable<LayerNormOp.Args, LayerNormOp.Saved>
{
    public readonly record struct Args(Tensor X, Tensor Gamma, Tensor Beta, float Eps);

    /// <summary>Mean and Rstd are (N); β only says where its gradient goes.</summary>
    public readonly record struct Saved(Tensor X, Tensor Gamma, Tensor Beta, Tensor Mean, Tensor Rstd) : ISaved
    {
        public void Visit(in SavedVisitor visitor)
        {
            visitor.Values(X);
            visitor.Values(Gamma);
            visitor.Values(Mean);
            visitor.Values(Rstd);
        }
    }

    public static string Name => "LayerNorm";

    public static Tensor Apply(Tensor x, Tensor gamma, Tensor beta, float eps)
    {
        Check.DType(Name, "x", x, DType.Float32);
        Check.RankAtLeast(Name, "x", x, 1);
        Check.Channels(Name, x, x.Rank - 1, "gamma", gamma);
        Check.Channels(Name, x, x.Rank - 1, "beta", beta);
        Args a = new(x.Contiguous(), Optional.Contiguous(gamma), Optional.Contiguous(beta), eps);
        return Recorder.Apply<LayerNormOp, Args, Saved>(a, a.X, a.Gamma, a.Beta);
    }

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        Reduction.Split(a.X.Shape, a.X.Rank - 1, out long N, out long C, out _);
        Tensor y = context.New(a.X.Shape);
        Tensor mean = context.Records ? context.New([(int)N]) : default;
        Tensor rstd = context.Records ? context.New([(int)N]) : default;
        context.Launch(
            new LayerNormForward(
                a.X.Flat<float>(), Optional.Flat<float>(a.Gamma), Optional.Flat<float>(a.Beta), y.Flat<float>(),
                Optional.Flat<float>(mean), Optional.Flat<float>(rstd), C, a.Eps),
            N);
        saved = new Saved(a.X, a.Gamma, a.Beta, mean, rstd);
        return y;
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink)
    {
        OpContext context = sink.Context(Name);
        Reduction.Split(s.X.Shape, s.X.Rank - 1, out long N, out long C, out _);
        long chunks = LayerNormBackward.Chunks(N);
        Tensor dX = sink.Wants(s.X) ? context.New(s.X.Shape) : default;
        Tensor dGamma = ChunkSums.New(sink, context, s.Gamma, chunks);
        Tensor dBeta = ChunkSums.New(sink, context, s.Beta, chunks);
        context.Launch(
            new LayerNormBackward(
                s.X.Flat<float>(), Optional.Flat<float>(s.Gamma), dY.Flat<float>(), s.Mean.Flat<float>(), s.Rstd.Flat<float>(),
                Optional.Flat<float>(dX), Optional.Flat<float>(dGamma), Optional.Flat<float>(dBeta), N, C),
            chunks);
        ChunkSums.AddTo(sink, context, s.Gamma, dGamma);
        ChunkSums.AddTo(sink, context, s.Beta, dBeta);
        if (dX.IsDefined)
        {
            sink.Give(s.X, dX);
        }
    }
}

/// <content>Layer normalisation.</content>
public readonly partial struct Tensor
{
    /// <summary>
    /// Layer normalisation over the last axis (Ba, Kiros, Hinton, "Layer normalization", 2016): γ·(x − μ)/√(σ² + ε) + β with the
    /// biased variance. This (…, C) → (…, C).
    /// </summary>
    /// <param name="gamma">The gain, (C); without it 1.</param>
    /// <param name="beta">The bias, (C); without it 0.</param>
    /// <param name="eps">ε; 1e-5 is the value of GPT-2 and of PyTorch, BERT uses 1e-12.</param>
    /// <exception cref="EngineException">γ or β does not fit the last axis, or a dtype is not float32.</exception>
    public Tensor LayerNorm(Tensor gamma = default, Tensor beta = default, float eps = 1e-5f) =>
        LayerNormOp.Apply(this, gamma, beta, eps);
}
