using Engine.Kernels;

namespace Engine;

/// <summary>
/// Slices of x along one axis in the order of <c>indices</c>. x (…, n, …), indices (m) int32 → y (…, m, …). dX accumulates in
/// place: repeated indices add up, in the order of the indices. Saved: the indices.
/// </summary>
internal readonly struct IndexSelectOp : IDifferentiable<IndexSelectOp.Args, IndexSelectOp.Saved>
{
    public readonly record struct Args(Tensor X, Tensor Indices, int Axis);

    public readonly record struct Saved(Tensor X, Tensor Indices, int Axis) : ISaved
    {
        public void Visit(in SavedVisitor visitor) => visitor.Values(Indices);
    }

    public static string Name => "IndexSelect";

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        Reduction.Split(a.X.Shape, a.Axis, out long outer, out long n, out long inner);
        Indices.Check(context, "the chosen axis of x", a.X, a.Indices, (int)n);
        int m = a.Indices.Shape[0];
        Tensor y = context.New(a.X.Shape.With(a.Axis, m));
        context.Launch(
            new IndexSelectForward(a.X.Flat<float>(), a.Indices.Flat<int>(), y.Flat<float>(), n, m, inner), outer * m);
        saved = new Saved(a.X, a.Indices, a.Axis);
        return y;
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink)
    {
        Tensor dX = sink.Accumulator(s.X, out bool accumulate);
        if (!accumulate)
        {
            dX.ZeroInPlace();
        }

        Reduction.Split(s.X.Shape, s.Axis, out long outer, out long n, out long inner);
        long blocks = ((outer * inner) + IndexSelectBackward.Columns - 1) / IndexSelectBackward.Columns;
        sink.Context(Name).Launch(
            new IndexSelectBackward(dY.Flat<float>(), s.Indices.Flat<int>(), dX.Flat<float>(), n, s.Indices.Shape[0], outer, inner), blocks);
    }
}

/// <content>Selecting along an axis.</content>
public readonly partial struct Tensor
{
    /// <summary>
    /// The slices at <paramref name="indices"/> (m), an int32 vector, along one axis, whose size becomes m. Repeated indices get
    /// the sum of their gradients.
    /// </summary>
    /// <param name="axis">The axis; negative counts from the end.</param>
    /// <param name="indices">Values from 0 to the axis's size − 1. Checked on devices where <see cref="Device.ChecksIndices"/>;
    /// elsewhere an index outside gives NaN.</param>
    /// <exception cref="EngineException">There is no such axis, an index is outside it, or shape or dtype is wrong.</exception>
    public Tensor IndexSelect(int axis, Tensor indices)
    {
        const string Op = "IndexSelect";
        Check.DType(Op, "x", this, DType.Float32);
        Check.DType(Op, "indices", indices, DType.Int32);
        Check.Rank(Op, "indices", indices, 1);
        int at = Check.Axis(Op, this, axis);
        IndexSelectOp.Args a = new(Contiguous(), indices.Contiguous(), at);
        return Recorder.Apply<IndexSelectOp, IndexSelectOp.Args, IndexSelectOp.Saved>(a, a.X, a.Indices);
    }
}
