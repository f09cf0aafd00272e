using Engine.Kernels;

namespace Engine;

/// <summary>Which normalisation of rows: layer or RMS.</summary>
internal interface IRowNorm
{
    static abstract string Name { get; }

    /// <summary>Whether the mean is subtracted.</summary>
    static abstract bool Centred { get; }
}

/// <summary>Layer normalisation.</summary>
internal readonly struct LayerNorm : IRowNorm
{
    public static string Name => "LayerNorm";

    public static bool Centred => true;
}

/// <summary>RMS normalisation.</summary>
internal readonly struct RmsNorm : IRowNorm
{
    public static string Name => "RmsNorm";

    public static bool Centred => false;
}

/// <summary>
/// y = γ·(x − μ)·r + β over the last axis; formulas at <see cref="RowNormForward{T, E}"/> and <see cref="RowNormBackward{T, E}"/>.
/// Shapes: x, y (…, C) of one dtype; γ, β (C) float32. dX overwrites; dγ and dβ accumulate.
/// </summary>
internal readonly struct RowNormOp<K> : IDifferentiable<RowNormOp<K>.Args, RowNormOp<K>.Saved>
    where K : IRowNorm
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

    public static string Name => K.Name;

    public static Tensor Apply(Tensor x, Tensor gamma, Tensor beta, float eps)
    {
        Check.Float(Name, "x", x);
        Check.RankAtLeast(Name, "x", x, 1);
        Check.Channels(Name, x, x.Rank - 1, "gamma", gamma);
        Check.Channels(Name, x, x.Rank - 1, "beta", beta);
        Args a = new(x.Contiguous(), Optional.Contiguous(gamma), Optional.Contiguous(beta), eps);
        return Recorder.Apply<RowNormOp<K>, Args, Saved>(a, a.X, a.Gamma, a.Beta);
    }

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        Reduction.Split(a.X.Shape, a.X.Rank - 1, out long N, out _, out _);
        Tensor y = context.New(a.X.Shape, a.X.DType);
        Tensor mean = context.Records ? context.New([(int)N]) : default;
        Tensor rstd = context.Records ? context.New([(int)N]) : default;
        Elements.Run(y.DType, new ForwardWork(context, a, y, mean, rstd, N));
        saved = new Saved(a.X, a.Gamma, a.Beta, mean, rstd);
        return y;
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink)
    {
        OpContext context = sink.Context(Name);
        Reduction.Split(s.X.Shape, s.X.Rank - 1, out long N, out _, out _);
        long chunks = RowNormChunks.Of(N);
        Tensor dX = sink.Wants(s.X) ? context.New(s.X.Shape, s.X.DType) : default;
        Tensor dGamma = ChunkSums.New(sink, context, s.Gamma, chunks);
        Tensor dBeta = ChunkSums.New(sink, context, s.Beta, chunks);
        Elements.Run(s.X.DType, new BackwardWork(context, s, dY, dX, dGamma, dBeta, N));
        ChunkSums.AddTo(sink, context, s.Gamma, dGamma);
        ChunkSums.AddTo(sink, context, s.Beta, dBeta);
        Optional.Give(sink, s.X, dX);
    }

    /// <summary>The definition in primitive ops.</summary>
    internal static Tensor Slow(Tensor x, Tensor gamma, Tensor beta, float eps)
    {
        Tensor d = K.Centred ? x - x.Mean(-1, keepDim: true) : x;
        Tensor y = d * (d.Square().Mean(-1, keepDim: true) + eps).Rsqrt();
        y = gamma.IsDefined ? y * gamma : y;
        return beta.IsDefined ? y + beta : y;
    }

    private readonly struct ForwardWork(OpContext context, Args a, Tensor y, Tensor mean, Tensor rstd, long N) : IElementWork
    {
        public void Run<T, E>()
            where T : unmanaged
            where E : unmanaged, IElement<T> =>
            context.Launch(
                new RowNormForward<T, E>(
                    a.X.Flat<T>(), Optional.Flat<float>(a.Gamma), Optional.Flat<float>(a.Beta), y.Flat<T>(),
                    Optional.Flat<float>(mean), Optional.Flat<float>(rstd), a.X.Shape[^1], a.Eps, K.Centred),
                N);
    }

    private readonly struct BackwardWork(
        OpContext context, Saved s, Tensor dY, Tensor dX, Tensor dGamma, Tensor dBeta, long N) : IElementWork
    {
        public void Run<T, E>()
            where T : unmanaged
            where E : unmanaged, IElement<T> =>
            context.Launch(
                new RowNormBackward<T, E>(
                    s.X.Flat<T>(), Optional.Flat<float>(s.Gamma), dY.Flat<T>(), s.Mean.Flat<float>(), s.Rstd.Flat<float>(),
                    Optional.Flat<T>(dX), Optional.Flat<float>(dGamma), Optional.Flat<float>(dBeta), N, s.X.Shape[^1], K.Centred),
                RowNormChunks.Of(N));
    }
}

/// <content>Layer and RMS normalisation.</content>
public readonly partial struct Tensor
{
    /// <summary>
    /// Layer normalisation over the last axis (Ba, Kiros, Hinton, "Layer normalization", 2016): γ·(x − μ)/√(σ² + ε) + β with the
    /// biased variance. This (…, C) → (…, C).
    /// </summary>
    /// <param name="gamma">The gain, (C); without it 1.</param>
    /// <param name="beta">The bias, (C); without it 0.</param>
    /// <param name="eps">ε; 1e-5 is the value of GPT-2 and of PyTorch, BERT uses 1e-12.</param>
    /// <exception cref="EngineException">γ or β does not fit the last axis, or is not float32.</exception>
    public Tensor LayerNorm(Tensor gamma = default, Tensor beta = default, float eps = 1e-5f) =>
        RowNormOp<LayerNorm>.Apply(this, gamma, beta, eps);

    /// <summary>
    /// RMS normalisation over the last axis (Zhang, Sennrich, "Root mean square layer normalization", 2019): γ·x/√(mean x² + ε).
    /// This (…, C) → (…, C).
    /// </summary>
    /// <param name="gamma">The gain, (C); without it 1.</param>
    /// <param name="eps">ε; 1e-6 is the value of T5 and of the first Llama, Llama 2 and 3 use 1e-5.</param>
    /// <exception cref="EngineException">γ does not fit the last axis, or is not float32.</exception>
    public Tensor RmsNorm(Tensor gamma = default, float eps = 1e-6f) => RowNormOp<RmsNorm>.Apply(this, gamma, default, eps);
}
