using Engine.Kernels;

namespace Engine;

/// <summary>
/// y = γ·(x − μ)·r + β for each channel; formulas at <see cref="BatchNormForward"/> and <see cref="BatchNormBackward"/>.
/// Shapes: x, y (B, C, …); γ, β and the running statistics (C). dX overwrites; dγ and dβ accumulate; the running statistics
/// take no gradient and are updated in place, once a step even where checkpointing runs forward twice.
/// </summary>
internal readonly struct BatchNormOp : IDifferentiable<BatchNormOp.Args, BatchNormOp.Saved>
{
    public readonly record struct Args(
        Tensor X, Tensor Gamma, Tensor Beta, Tensor RunningMean, Tensor RunningVariance, bool Training, float Momentum, float Eps);

    /// <summary>Mean and Rstd are (C); β only says where its gradient goes.</summary>
    public readonly record struct Saved(Tensor X, Tensor Gamma, Tensor Beta, Tensor Mean, Tensor Rstd, bool Training) : ISaved
    {
        public void Visit(in SavedVisitor visitor)
        {
            visitor.Values(X);
            visitor.Values(Gamma);
            visitor.Values(Mean);
            visitor.Values(Rstd);
        }
    }

    public static string Name => "BatchNorm";

    public static Tensor Apply(in Args given)
    {
        Tensor x = given.X;
        Check.DType(Name, "x", x, DType.Float32);
        Check.RankAtLeast(Name, "x", x, 2);
        Check.Channels(Name, x, 1, "gamma", given.Gamma);
        Check.Channels(Name, x, 1, "beta", given.Beta);
        CheckRunning(x, "runningMean", given.RunningMean, given.Training);
        CheckRunning(x, "runningVariance", given.RunningVariance, given.Training);
        if (given.RunningMean.IsDefined != given.RunningVariance.IsDefined)
        {
            Check.Fail(Name, "runningMean and runningVariance must be given together.", x);
        }

        if (given.Training && x.Count == x.Shape[1])
        {
            Check.Fail(Name, $"x {x.Shape} has one value a channel, expected at least 2 when training: their variance is not defined.", x);
        }

        Args a = given with
        {
            X = x.Contiguous(), Gamma = Optional.Contiguous(given.Gamma), Beta = Optional.Contiguous(given.Beta),
        };
        return Recorder.Apply<BatchNormOp, Args, Saved>(a, a.X, a.Gamma, a.Beta, a.RunningMean, a.RunningVariance);
    }

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        Reduction.Split(a.X.Shape, 1, out long B, out long C, out long S);
        Tensor y = context.New(a.X.Shape);
        Tensor mean = context.Records ? context.New([(int)C]) : default;
        Tensor rstd = context.Records ? context.New([(int)C]) : default;
        bool move = a.Training && a.RunningMean.IsDefined && context.Scope is not { Replaying: true };
        if (move)
        {
            a.RunningMean.Data.Storage!.Version++;
            a.RunningVariance.Data.Storage!.Version++;
        }

        context.Launch(
            new BatchNormForward(
                a.X.Flat<float>(), Optional.Flat<float>(a.Gamma), Optional.Flat<float>(a.Beta),
                Optional.Flat<float>(a.RunningMean), Optional.Flat<float>(a.RunningVariance), y.Flat<float>(),
                Optional.Flat<float>(mean), Optional.Flat<float>(rstd), B, C, S, a.Momentum, a.Eps, a.Training, move),
            C);
        saved = new Saved(a.X, a.Gamma, a.Beta, mean, rstd, a.Training);
        return y;
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink)
    {
        OpContext context = sink.Context(Name);
        Reduction.Split(s.X.Shape, 1, out long B, out long C, out long S);
        Tensor dX = sink.Wants(s.X) ? context.New(s.X.Shape) : default;
        context.Launch(
            new BatchNormBackward(
                s.X.Flat<float>(), Optional.Flat<float>(s.Gamma), dY.Flat<float>(), s.Mean.Flat<float>(), s.Rstd.Flat<float>(),
                Optional.Flat<float>(dX), Optional.Accumulator(sink, s.Gamma, out bool addGamma),
                Optional.Accumulator(sink, s.Beta, out bool addBeta), B, C, S, s.Training, addGamma, addBeta),
            C);
        Optional.Give(sink, s.X, dX);
    }

    /// <summary>The definition of the training form, without running statistics, in primitive ops.</summary>
    internal static Tensor Slow(Tensor x, Tensor gamma, Tensor beta, float eps)
    {
        Tensor rows = x.Reshape(x.Shape[0], x.Shape[1], -1).Transpose(1, 2).Reshape(-1, x.Shape[1]);
        Tensor d = rows - rows.Mean(0, keepDim: true);
        Tensor y = d * (d.Square().Mean(0, keepDim: true) + eps).Rsqrt();
        y = gamma.IsDefined ? y * gamma : y;
        y = beta.IsDefined ? y + beta : y;
        return y.Reshape(x.Shape[0], -1, x.Shape[1]).Transpose(1, 2).Reshape(x.Shape.Span);
    }

    private static void CheckRunning(Tensor x, string name, Tensor running, bool training)
    {
        Check.Channels(Name, x, 1, name, running);
        if (!running.IsDefined && !training)
        {
            Check.Fail(Name, $"{name} is missing; evaluation normalises by the running statistics.", x);
        }

        if (running.IsDefined && (running.RequiresGrad || !running.IsContiguous))
        {
            Check.Fail(Name, $"{name} is updated in place: it must be contiguous and must not require a gradient.", running);
        }
    }
}

/// <content>Batch normalisation.</content>
public readonly partial struct Tensor
{
    /// <summary>
    /// Batch normalisation (Ioffe, Szegedy, "Batch normalization", 2015) of each channel, axis 1: γ·(x − μ)/√(σ² + ε) + β.
    /// This (B, C) or (B, C, …) → the same shape.
    /// </summary>
    /// <param name="gamma">The gain, (C); default 1.</param>
    /// <param name="beta">The bias, (C); default 0.</param>
    /// <param name="runningMean">(C): used for μ in evaluation, updated in place in training. Optional in training.</param>
    /// <param name="runningVariance">(C): used for σ² in evaluation; in training moved towards the unbiased variance.</param>
    /// <param name="training">Whether μ and the biased σ² are those of this batch.</param>
    /// <param name="momentum">The share of the new value in the running statistics; 0.1 as in PyTorch.</param>
    /// <param name="eps">ε; 1e-5 as in PyTorch.</param>
    /// <exception cref="EngineException">A vector is not (C,), a channel has a single value in training, or running statistics
    /// are missing in evaluation.</exception>
    public Tensor BatchNorm(
        Tensor gamma, Tensor beta, Tensor runningMean, Tensor runningVariance, bool training, float momentum = 0.1f, float eps = 1e-5f) =>
        BatchNormOp.Apply(new(this, gamma, beta, runningMean, runningVariance, training, momentum, eps));
}
