using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>
/// The largest (sign 1) or smallest (sign −1) element along one axis; dX = dY at its first occurrence, 0 elsewhere.
/// x (…, n, …) → y without the axis. Saved: the index of that occurrence.
/// </summary>
internal readonly struct MaxOp : IDifferentiable<MaxOp.Args, MaxOp.Saved>
{
    public readonly record struct Args(Tensor X, int Axis, float Sign);

    public readonly record struct Saved(Tensor X, Tensor Index, int Axis) : ISaved
    {
        public void Visit(in SavedVisitor visitor) => visitor.Values(Index);
    }

    public static string Name => "Max";

    public static Tensor Apply(string name, Tensor x, int axis, float sign)
    {
        int at = CheckAxis(name, x, axis);
        Tensor c = x.Contiguous();
        return Recorder.Apply<MaxOp, Args, Saved>(new(c, at, sign), c);
    }

    /// <summary>The index alone: no gradient, because it is constant almost everywhere.</summary>
    public static Tensor Index(string name, Tensor x, int axis, float sign)
    {
        int at = CheckAxis(name, x, axis);
        Tensor c = x.Contiguous();
        OpContext context = Recorder.Constant(name, c);
        Tensor index = context.New(x.Shape.Without(at), DType.Int32);
        Launch(context, c, default, index, at, sign);
        return index;
    }

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        Tensor y = context.New(a.X.Shape.Without(a.Axis));
        Tensor index = context.New(y.Shape, DType.Int32);
        Launch(context, a.X, y.Flat<float>(), index, a.Axis, a.Sign);
        saved = new Saved(a.X, index, a.Axis);
        return y;
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink)
    {
        Reduction.Split(s.X.Shape, s.Axis, out _, out long n, out long inner);
        OpContext context = sink.Context(Name);
        Tensor dX = context.New(s.X.Shape);
        context.Launch(new MaxAxisBackward(dY.Flat<float>(), s.Index.Flat<int>(), dX.Flat<float>(), (int)n, inner), dY.Count);
        sink.Give(s.X, dX);
    }

    private static void Launch(in OpContext context, Tensor x, View<float> y, Tensor index, int axis, float sign)
    {
        Reduction.Split(x.Shape, axis, out _, out long n, out long inner);
        context.Launch(new MaxAxis(x.Flat<float>(), y, index.Flat<int>(), (int)n, inner, sign), index.Count);
    }

    private static int CheckAxis(string name, Tensor x, int axis)
    {
        Check.DType(name, "x", x, DType.Float32);
        int at = Check.Axis(name, x, axis);
        if (x.Shape[at] == 0)
        {
            Check.Fail(name, $"axis {at} of x {x.Shape} is empty and has no extreme element.", x);
        }

        return at;
    }
}

/// <content>Extreme elements along an axis.</content>
public readonly partial struct Tensor
{
    /// <summary>
    /// The largest element along one axis, which is removed unless <paramref name="keepDim"/>. NaN wins; of equal elements the
    /// first takes the gradient.
    /// </summary>
    /// <exception cref="EngineException">There is no such axis, or it is empty.</exception>
    public Tensor Max(int axis, bool keepDim = false) => Kept(MaxOp.Apply("Max", this, axis, 1f), axis, keepDim);

    /// <summary>
    /// The smallest element along one axis, which is removed unless <paramref name="keepDim"/>. NaN wins; of equal elements the
    /// first takes the gradient.
    /// </summary>
    /// <exception cref="EngineException">There is no such axis, or it is empty.</exception>
    public Tensor Min(int axis, bool keepDim = false) => Kept(MaxOp.Apply("Min", this, axis, -1f), axis, keepDim);

    /// <summary>The index (int32, no gradient) of the first largest element along one axis, which is removed. NaN wins.</summary>
    /// <exception cref="EngineException">There is no such axis, or it is empty.</exception>
    public Tensor ArgMax(int axis) => MaxOp.Index("ArgMax", this, axis, 1f);

    /// <summary>The index (int32, no gradient) of the first smallest element along one axis, which is removed. NaN wins.</summary>
    /// <exception cref="EngineException">There is no such axis, or it is empty.</exception>
    public Tensor ArgMin(int axis) => MaxOp.Index("ArgMin", this, axis, -1f);
}
