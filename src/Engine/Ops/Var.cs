using Engine.Kernels;

namespace Engine;

/// <summary>
/// Variance over one axis, centred in two passes: Σ (x − μ)²/(n − correction); dX = 2·dY·(x − μ)/(n − correction).
/// x (…, n, …) → y without the axis. Saved: x and μ.
/// </summary>
internal readonly struct VarOp : IDifferentiable<VarOp.Args, VarOp.Saved>
{
    public readonly record struct Args(Tensor X, int Axis, float Scale);

    public readonly record struct Saved(Tensor X, Tensor Mean, int Axis, float Scale) : ISaved
    {
        public void Visit(in SavedVisitor visitor)
        {
            visitor.Values(X);
            visitor.Values(Mean);
        }
    }

    public static string Name => "Var";

    public static Tensor Apply(Tensor x, int axis, int correction)
    {
        Check.DType(Name, "x", x, DType.Float32);
        int at = Check.Axis(Name, x, axis);
        Tensor c = x.Contiguous();
        return Recorder.Apply<VarOp, Args, Saved>(new(c, at, 1f / (x.Shape[at] - correction)), c);
    }

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        Reduction.Split(a.X.Shape, a.Axis, out _, out long n, out long inner);
        Tensor y = context.New(a.X.Shape.Without(a.Axis));
        Tensor mean = context.New(y.Shape);
        context.Launch(new VarAxis(a.X.Flat<float>(), y.Flat<float>(), mean.Flat<float>(), n, inner, a.Scale), y.Count);
        saved = new Saved(a.X, mean, a.Axis, a.Scale);
        return y;
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink)
    {
        Reduction.Split(s.X.Shape, s.Axis, out _, out long n, out long inner);
        OpContext context = sink.Context(Name);
        Tensor dX = context.New(s.X.Shape);
        context.Launch(
            new VarAxisBackward(s.X.Flat<float>(), s.Mean.Flat<float>(), dY.Flat<float>(), dX.Flat<float>(), n, inner, s.Scale), dY.Count);
        sink.Give(s.X, dX);
    }

    /// <summary>The definition in primitive ops (biased).</summary>
    internal static Tensor Slow(Tensor x, int axis) => (x - x.Mean(axis, keepDim: true)).Square().Mean(axis);
}

/// <content>Variance.</content>
public readonly partial struct Tensor
{
    /// <summary>
    /// The variance over one axis, which is removed unless <paramref name="keepDim"/>: Σ (x − mean)²/(n − correction).
    /// </summary>
    /// <param name="axis">The axis; negative counts from the end.</param>
    /// <param name="keepDim">Keep the axis with size 1.</param>
    /// <param name="correction">0 for the biased variance, as in layer norm; 1 for the unbiased one.</param>
    /// <exception cref="EngineException">There is no such axis.</exception>
    public Tensor Var(int axis, bool keepDim = false, int correction = 0) => Kept(VarOp.Apply(this, axis, correction), axis, keepDim);
}
