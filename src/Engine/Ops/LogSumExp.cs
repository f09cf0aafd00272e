using Engine.Kernels;

namespace Engine;

/// <summary>y = log Σ eˣ along one axis, the maximum subtracted; dX = dY·e^(x − y). x (…, n, …) → y without the axis. Saved: x and y.</summary>
internal readonly struct LogSumExpOp : IDifferentiable<LogSumExpOp.Args, LogSumExpOp.Saved>
{
    public readonly record struct Args(Tensor X, int Axis);

    public readonly record struct Saved(Tensor X, Tensor Y, int Axis) : ISaved
    {
        public void Visit(in SavedVisitor visitor)
        {
            visitor.Values(X);
            visitor.Values(Y);
        }
    }

    public static string Name => "LogSumExp";

    public static Tensor Apply(Tensor x, int axis)
    {
        Check.DType(Name, "x", x, DType.Float32);
        int at = Check.Axis(Name, x, axis);
        Tensor c = x.Contiguous();
        return Recorder.Apply<LogSumExpOp, Args, Saved>(new(c, at), c);
    }

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        Reduction.Split(a.X.Shape, a.Axis, out _, out long n, out long inner);
        Tensor y = context.New(a.X.Shape.Without(a.Axis));
        context.Launch(new LogSumExpForward(a.X.Flat<float>(), y.Flat<float>(), n, inner), y.Count);
        saved = new Saved(a.X, y, a.Axis);
        return y;
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink)
    {
        Reduction.Split(s.X.Shape, s.Axis, out _, out long n, out long inner);
        OpContext context = sink.Context(Name);
        Tensor dX = context.New(s.X.Shape);
        context.Launch(
            new LogSumExpBackward(s.X.Flat<float>(), s.Y.Flat<float>(), dY.Flat<float>(), dX.Flat<float>(), n, inner), dY.Count);
        sink.Give(s.X, dX);
    }

    /// <summary>The definition in primitive ops.</summary>
    internal static Tensor Slow(Tensor x, int axis)
    {
        Tensor m = x.Detach().Max(axis, keepDim: true);
        return (x - m).Exp().Sum(axis).Log() + m.Squeeze(axis);
    }
}

/// <content>The logarithm of a sum of exponentials.</content>
public readonly partial struct Tensor
{
    /// <summary>log Σ eˣ along one axis, which is removed unless <paramref name="keepDim"/>; no finite x overflows.</summary>
    /// <exception cref="EngineException">There is no such axis.</exception>
    public Tensor LogSumExp(int axis, bool keepDim = false) => Kept(LogSumExpOp.Apply(this, axis), axis, keepDim);
}
