using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>
/// y[…, j, …] = x[…, indices[…, j, …], …] along one axis. x (…, n, …); indices, y (…, m, …), the other axes equal. dX overwrites:
/// repeated indices add up in order, the rest is 0. Saved: the indices.
/// </summary>
internal readonly struct GatherOp : IDifferentiable<GatherOp.Args, GatherOp.Saved>
{
    public readonly record struct Args(Tensor X, Tensor Indices, int Axis);

    public readonly record struct Saved(Tensor X, Tensor Indices, int Axis) : ISaved
    {
        public void Visit(in SavedVisitor visitor) => visitor.Values(Indices);
    }

    public static string Name => "Gather";

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        Reduction.Split(a.X.Shape, a.Axis, out _, out long n, out long inner);
        Indices.Check(context, "the chosen axis of x", a.X, a.Indices, (int)n);
        Tensor y = context.New(a.Indices.Shape);
        long count = y.Count;
        context.Launch(
            new GatherForward(a.X.Flat<float>(), a.Indices.Flat<int>(), y.Flat<float>(), n, a.Indices.Shape[a.Axis], inner, count),
            Block.Cover(count));
        saved = new Saved(a.X, a.Indices, a.Axis);
        return y;
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink)
    {
        Reduction.Split(s.X.Shape, s.Axis, out long outer, out long n, out long inner);
        OpContext context = sink.Context(Name);
        Tensor dX = context.New(s.X.Shape);
        context.Launch(
            new GatherBackward(dY.Flat<float>(), s.Indices.Flat<int>(), dX.Flat<float>(), n, s.Indices.Shape[s.Axis], inner), outer * inner);
        sink.Give(s.X, dX);
    }
}

/// <content>Gathering along an axis.</content>
public readonly partial struct Tensor
{
    /// <summary>
    /// Elements of this tensor picked along one axis: y[i, j, k] = x[i, indices[i, j, k], k] for axis 1 of three. The result has
    /// the shape of the indices, whose other axes may be shorter than this tensor's (the rest is not read). Repeated indices get
    /// the sum of their gradients.
    /// </summary>
    /// <param name="axis">The axis; negative counts from the end.</param>
    /// <param name="indices">int32 values from 0 to the axis's size − 1. Checked on devices where <see cref="Device.ChecksIndices"/>;
    /// elsewhere an index outside gives NaN.</param>
    /// <exception cref="EngineException">There is no such axis, an index is outside it, or shape or dtype is wrong.</exception>
    public Tensor Gather(int axis, Tensor indices)
    {
        const string Op = "Gather";
        Check.DType(Op, "x", this, DType.Float32);
        Check.DType(Op, "indices", indices, DType.Int32);
        Check.Rank(Op, "indices", indices, Rank);
        int at = Check.Axis(Op, this, axis);
        Tensor x = this;
        for (int i = 0; i < Rank; i++)
        {
            if (i != at && indices.Shape[i] > Shape[i])
            {
                Check.Fail(Op, $"axis {i} of indices {indices.Shape} is longer than that of x {Shape}.", this);
            }

            if (i != at && indices.Shape[i] < Shape[i])
            {
                x = x.Slice(i, 0, indices.Shape[i]);
            }
        }

        GatherOp.Args a = new(x.Contiguous(), indices.Contiguous(), at);
        return Recorder.Apply<GatherOp, GatherOp.Args, GatherOp.Saved>(a, a.X, a.Indices);
    }
}
