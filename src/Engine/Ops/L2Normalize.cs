using Engine.Kernels;

namespace Engine;

/// <summary>
/// y = x/max(‖x‖, eps) along one axis; dX = (dY − y·(y·dY))/‖x‖, or dY/eps where eps took the place of ‖x‖. x, y (…).
/// Saved: y and ‖x‖.
/// </summary>
internal readonly struct L2NormalizeOp : IDifferentiable<L2NormalizeOp.Args, L2NormalizeOp.Saved>
{
    public readonly record struct Args(Tensor X, int Axis, float Eps);

    public readonly record struct Saved(Tensor X, Tensor Y, Tensor Norm, int Axis, float Eps) : ISaved
    {
        public void Visit(in SavedVisitor visitor)
        {
            visitor.Values(Y);
            visitor.Values(Norm);
        }
    }

    public static string Name => "L2Normalize";

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        Reduction.Split(a.X.Shape, a.Axis, out long outer, out long n, out long inner);
        Tensor y = context.New(a.X.Shape);
        Tensor norm = context.New(a.X.Shape.Without(a.Axis));
        context.Launch(
            new L2NormalizeForward(a.X.Flat<float>(), y.Flat<float>(), norm.Flat<float>(), n, inner, a.Eps), outer * inner);
        saved = new Saved(a.X, y, norm, a.Axis, a.Eps);
        return y;
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink)
    {
        Reduction.Split(dY.Shape, s.Axis, out long outer, out long n, out long inner);
        OpContext context = sink.Context(Name);
        Tensor dX = context.New(dY.Shape);
        context.Launch(
            new L2NormalizeBackward(s.Y.Flat<float>(), s.Norm.Flat<float>(), dY.Flat<float>(), dX.Flat<float>(), n, inner, s.Eps),
            outer * inner);
        sink.Give(s.X, dX);
    }

    /// <summary>The definition in primitive ops.</summary>
    internal static Tensor Slow(Tensor x, int axis, float eps) =>
        x / x.Square().Sum(axis, keepDim: true).Sqrt().ClampMin(eps);
}

/// <content>Normalising to unit length.</content>
public readonly partial struct Tensor
{
    /// <summary>x/max(‖x‖₂, eps) along one axis.</summary>
    /// <param name="axis">The axis; negative counts from the end.</param>
    /// <param name="eps">The smallest divisor, so that a zero vector stays zero; 1e-12 as in PyTorch's <c>normalize</c>.</param>
    /// <exception cref="EngineException">There is no such axis.</exception>
    public Tensor L2Normalize(int axis, float eps = 1e-12f)
    {
        Check.DType("L2Normalize", "x", this, DType.Float32);
        int at = Check.Axis("L2Normalize", this, axis);
        Tensor x = Contiguous();
        return Recorder.Apply<L2NormalizeOp, L2NormalizeOp.Args, L2NormalizeOp.Saved>(new(x, at, eps), x);
    }
}
