using Engine.Kernels;

namespace Engine;

/// <summary>
/// y = table[indices]. table (V, C), indices (…) int32 → y (…, C). dTable accumulates in place, row by row; the row
/// <c>Padding</c> (−1: none) gets no gradient.
/// </summary>
internal readonly struct EmbeddingOp : IDifferentiable<EmbeddingOp.Args, EmbeddingOp.Saved>
{
    private const int NoPadding = -1;

    public readonly record struct Args(Tensor Table, Tensor Indices, int Padding);

    /// <summary>Of the table only its shape and where its gradient goes are used.</summary>
    public readonly record struct Saved(Tensor Table, Tensor Indices, int Padding) : ISaved
    {
        public void Visit(in SavedVisitor visitor) => visitor.Values(Indices);
    }

    public static string Name => "Embedding";

    public static Tensor Apply(Tensor table, Tensor indices, int? padding)
    {
        if (table.DType == DType.Int8)
        {
            return OfInt8(table, indices);
        }

        Check.Float(Name, "the table", table);
        Check.Rank(Name, "the table", table, 2);
        Check.DType(Name, "indices", indices, DType.Int32);
        if (padding is { } p && (p < 0 || p >= table.Shape[0]))
        {
            Check.Fail(Name, $"the padding index {p} is outside the table {table.Shape}; expected 0 to {table.Shape[0] - 1}.", table);
        }

        Args a = new(table.Contiguous(), indices.Contiguous(), padding ?? NoPadding);
        return Recorder.Apply<EmbeddingOp, Args, Saved>(a, a.Table, a.Indices);
    }

    private static Tensor OfInt8(Tensor table, Tensor indices)
    {
        Check.DType(Name, "indices", indices, DType.Int32);
        if (Int8Matrix.ChannelAxis(table) != 0)
        {
            Check.Fail(Name, $"the int8 table {table.Shape} has a scale for each column, expected one for each row. Make it with QuantizeInt8(0).", table);
        }

        return Int8RowsOp.Apply(table, indices.Contiguous());
    }

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        int V = a.Table.Shape[0];
        int C = a.Table.Shape[1];
        Indices.Check(context, "the table", a.Table, a.Indices, V);
        Tensor y = context.New(a.Indices.Shape.Append(C), a.Table.DType);
        Elements.Run(y.DType, new ForwardWork(context, a, y));
        saved = new Saved(a.Table, a.Indices, a.Padding);
        return y;
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink)
    {
        Tensor dTable = sink.Float32Accumulator(s.Table, out bool accumulate);
        if (!accumulate)
        {
            dTable.ZeroInPlace();
        }

        Elements.Run(dY.DType, new BackwardWork(sink.Context(Name), s, dY, dTable));
        sink.Settle(s.Table, dTable);
    }

    private readonly struct ForwardWork(OpContext context, Args a, Tensor y) : IElementWork
    {
        public void Run<T, E>()
            where T : unmanaged
            where E : unmanaged, IElement<T> =>
            context.Launch(
                new EmbeddingForward<T, E>(a.Table.Flat<T>(), a.Indices.Flat<int>(), y.Flat<T>(), a.Table.Shape[0], a.Table.Shape[1]),
                a.Indices.Count);
    }

    private readonly struct BackwardWork(OpContext context, Saved s, Tensor dY, Tensor dTable) : IElementWork
    {
        public void Run<T, E>()
            where T : unmanaged
            where E : unmanaged, IElement<T> =>
            context.Launch(
                new EmbeddingBackward<T, E>(
                    s.Indices.Flat<int>(), dY.Flat<T>(), dTable.Flat<float>(), s.Indices.Count, s.Table.Shape[0], s.Table.Shape[1], s.Padding),
                s.Indices.Count);
    }
}

/// <content>Table lookup.</content>
public readonly partial struct Tensor
{
    /// <summary>
    /// The rows of this table (V, C) at <paramref name="indices"/> (…), an int32 tensor: (…, C). Rows that occur several times get
    /// the sum of their gradients.
    /// </summary>
    /// <param name="indices">Values from 0 to V − 1. Checked on devices where <see cref="Device.ChecksIndices"/>; elsewhere an
    /// index outside the table gives a row of NaN.</param>
    /// <param name="paddingIndex">A row that gets no gradient.</param>
    /// <exception cref="EngineException">An index is outside the table, the table is not a matrix, or a dtype is wrong.</exception>
    public Tensor Embedding(Tensor indices, int? paddingIndex = null) => EmbeddingOp.Apply(this, indices, paddingIndex);
}
