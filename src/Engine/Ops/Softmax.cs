using Engine.Kernels;

namespace Engine;

/// <summary>
/// Softmax, or its logarithm, along one axis; formulas at <see cref="SoftmaxForward"/> and <see cref="SoftmaxBackward"/>. x, y
/// (…, n, …). Saved: y. dX overwrites.
/// </summary>
internal readonly struct SoftmaxOp : IDifferentiable<SoftmaxOp.Args, SoftmaxOp.Saved>
{
    public readonly record struct Args(Tensor X, int Axis, bool Log);

    public readonly record struct Saved(Tensor X, Tensor Y, int Axis, bool Log) : ISaved
    {
        public void Visit(in SavedVisitor visitor) => visitor.Values(Y);
    }

    public static string Name => "Softmax";

    public static Tensor Apply(string op, Tensor x, int axis, bool log)
    {
        Check.DType(op, "x", x, DType.Float32);
        int at = Check.Axis(op, x, axis);
        Tensor c = x.Contiguous();
        return Recorder.Apply<SoftmaxOp, Args, Saved>(new(c, at, log), c);
    }

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        Reduction.Split(a.X.Shape, a.Axis, out long outer, out long n, out long inner);
        Tensor y = context.New(a.X.Shape);
        context.Launch(new SoftmaxForward(a.X.Flat<float>(), y.Flat<float>(), n, inner, a.Log), outer * inner);
        saved = new Saved(a.X, y, a.Axis, a.Log);
        return y;
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink)
    {
        Reduction.Split(dY.Shape, s.Axis, out long outer, out long n, out long inner);
        OpContext context = sink.Context(Name);
        Tensor dX = context.New(dY.Shape);
        context.Launch(
            new SoftmaxBackward(s.Y.Flat<float>(), dY.Flat<float>(), dX.Flat<float>(), n, inner, s.Log), outer * inner);
        sink.Give(s.X, dX);
    }

    /// <summary>The definition in primitive ops.</summary>
    internal static Tensor Slow(Tensor x, int axis, bool log)
    {
        Tensor d = x - x.Max(axis, keepDim: true).Detach();
        Tensor sum = d.Exp().Sum(axis, keepDim: true);
        return log ? d - sum.Log() : d.Exp() / sum;
    }
}

/// <content>Softmax.</content>
public readonly partial struct Tensor
{
    /// <summary>eˣ/Σ eˣ along one axis: positive, with sum 1. This (…, n, …) → (…, n, …). A line of −∞ gives NaN, as in PyTorch.</summary>
    /// <param name="axis">The axis; negative counts from the end.</param>
    /// <exception cref="EngineException">There is no such axis, or the dtype is not float32.</exception>
    public Tensor Softmax(int axis) => SoftmaxOp.Apply("Softmax", this, axis, log: false);

    /// <summary>
    /// log softmax = x − log Σ eˣ along one axis, without overflow or loss of digits for logits of any size.
    /// This (…, n, …) → (…, n, …).
    /// </summary>
    /// <param name="axis">The axis; negative counts from the end.</param>
    /// <exception cref="EngineException">There is no such axis, or the dtype is not float32.</exception>
    public Tensor LogSoftmax(int axis) => SoftmaxOp.Apply("LogSoftmax", this, axis, log: true);
}
