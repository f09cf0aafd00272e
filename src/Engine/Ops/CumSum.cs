using Engine.Kernels;

namespace Engine;

/// <summary>Running sums along one axis: y_i = Σ_{j ≤ i} x_j; dX_i = Σ_{j ≥ i} dY_j. x, y (…). Nothing is saved.</summary>
internal readonly struct CumSumOp : IDifferentiable<CumSumOp.Args, CumSumOp.Saved>
{
    public readonly record struct Args(Tensor X, int Axis);

    public readonly record struct Saved(Tensor X, int Axis) : ISaved
    {
        public void Visit(in SavedVisitor visitor)
        {
            // Values are not read; X only says where the gradient goes.
        }
    }

    public static string Name => "CumSum";

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        saved = new Saved(a.X, a.Axis);
        return Scan(context, a.X, a.Axis, direction: 1);
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink) =>
        sink.Give(s.X, Scan(sink.Context(Name), dY, s.Axis, direction: -1));

    private static Tensor Scan(in OpContext context, Tensor x, int axis, int direction)
    {
        Reduction.Split(x.Shape, axis, out long outer, out long n, out long inner);
        Tensor y = context.New(x.Shape);
        context.Launch(new CumSum(x.Flat<float>(), y.Flat<float>(), n, inner, direction), outer * inner);
        return y;
    }
}

/// <content>Running sums.</content>
public readonly partial struct Tensor
{
    /// <summary>The sums of all elements up to and including each one, along one axis.</summary>
    /// <exception cref="EngineException">There is no such axis.</exception>
    public Tensor CumSum(int axis)
    {
        Check.DType("CumSum", "x", this, DType.Float32);
        int at = Check.Axis("CumSum", this, axis);
        Tensor x = Contiguous();
        return Recorder.Apply<CumSumOp, CumSumOp.Args, CumSumOp.Saved>(new(x, at), x);
    }
}
