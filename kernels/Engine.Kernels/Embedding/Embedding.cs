using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// Table lookup: y[n] = table[indices[n]]. table (V, C), indices (N), y (N, C). One block per index. An index outside the
/// table gives a row of NaN, so that it shows even on devices where indices are not checked.
/// </summary>
[Kernel]
public readonly partial record struct EmbeddingForward<T, E>(View<T> table, View<int> indices, View<T> y, long V, long C) : IKernel
    where T : unmanaged
    where E : unmanaged, IElement<T>
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long v = indices[b.Index];
        View<T> yr = y.Row(b.Index, C);
        bool inside = v >= 0 && v < V;
        for (long c = b.Lane; c < C; c += b.Size)
        {
            yr[c] = E.Store(inside ? E.Load(table[(v * C) + c]) : float.NaN);
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(0, table.BytesOf(blocks * C) + indices.BytesOf(blocks) + y.BytesOf(blocks * C));
}

/// <summary>
/// dTable[v] += Σ dY[n] over the n with indices[n] = v, accumulating into the table's gradient. indices (N), dY (N, C),
/// dTable (V, C). Rows of the index <paramref name="skip"/> (−1: none) and of indices outside the table get nothing.
/// One block per index, without atomics: the block of a table row's first occurrence owns that row and adds all its
/// occurrences in order, the blocks of later occurrences find an earlier one and do nothing. So the work is N·C additions and
/// N²/2 comparisons of integers, independent of V, and the order of additions is that of the indices.
/// </summary>
[Kernel]
public readonly partial record struct EmbeddingBackward<T, E>(
    View<int> indices, View<T> dY, View<float> dTable, long N, long V, long C, int skip) : IKernel
    where T : unmanaged
    where E : unmanaged, IElement<T>
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        int v = indices[b.Index];
        float earlier = 0f;
        for (long n = b.Lane; n < b.Index && earlier == 0f; n += b.Size)
        {
            earlier = indices[n] == v ? 1f : 0f;
        }

        if (b.Max(earlier) == 0f && v != skip && v >= 0 && v < V)
        {
            View<float> row = dTable.Row(v, C);
            for (long n = b.Index; n < N; n++)
            {
                if (indices[n] == v)
                {
                    for (long c = b.Lane; c < C; c += b.Size)
                    {
                        row[c] += E.Load(dY[(n * C) + c]);
                    }
                }
            }
        }
    }

    /// <inheritdoc/>
    /// <remarks>As if every index were another one, as far as the table has rows: the host does not know them.</remarks>
    public KernelCost Cost(long blocks) => new(
        N * C, indices.BytesOf(N) + dY.BytesOf(N * C) + (2 * dTable.BytesOf(Math.Min(N, V) * C)));
}
