using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// Backward of <see cref="AttentionForward{T, E}"/>, which recomputes P from the saved L instead of reading a stored matrix:
/// dV = Pᵀ·dO, dP = dO·Vᵀ, dS = P∘(dP − Δ) with Δ_i = Σ_d dO·O, dQ = scale·dS·K, dK = scale·dSᵀ·Q. All gradients overwrite; one
/// that is not wanted is an empty view, and dK and dV are wanted together or not at all.
/// <para>
/// o, dO, dQ (B, Hq, Tq, D), dO laid out as o; dK, dV (B, Hk, Tk, D); queryRanges (B, Tk, 2), the first
/// query that sees a key and one past the last, says of keys what keyRanges says of queries; the rest as in forward.
/// </para>
/// <para>
/// Two kinds of blocks: the first B·Hq·Tq own one row of dQ each, the other B·Hk·Tk one row of dK and of dV each, summed over
/// the heads of their group in order. As in forward, each lane first makes p and dS of the pairs that it strides over, which all
/// lanes then find in shared memory for the columns that they own. So each result is added up by one block in one order: deterministic without atomics, and
/// no memory beyond L. Since Σ_j p_ij = 1, dP_ij − Δ_i is taken as dO_i·(v_j − o_i), one dot product and no rounding of Δ.
/// </para>
/// </summary>
[Kernel(Lanes = Attention.KeyBlock)]
public readonly partial record struct AttentionBackward<T, E>(
    View<T> q, View<T> k, View<T> v, View<T> o, View<float> lse, View<int> keyMask, View<float> bias, View<int> keyRanges, View<int> queryRanges,
    View<T> dO, View<T> dQ, View<T> dK, View<T> dV,
    HeadLayout lq, HeadLayout lk, HeadLayout lv, HeadLayout lo, HeadLayout ldQ, HeadLayout ldK, HeadLayout ldV,
    AttentionShape shape) : IKernel
    where T : unmanaged
    where E : unmanaged, IElement<T>
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        Span<float> p = b.Shared(stackalloc float[Attention.KeyBlock]);
        Span<float> dS = b.Shared(stackalloc float[Attention.KeyBlock]);
        long queries = Attention.QueryBlocks(shape);
        for (int left = 0; left < shape.D; left += Attention.Columns)
        {
            if (b.Index < queries)
            {
                if (dQ.Exists)
                {
                    Query(b, left, p, dS, (int)(b.Index / shape.Tq / shape.Hq), (int)(b.Index / shape.Tq % shape.Hq), (int)(b.Index % shape.Tq));
                }
            }
            else if (dK.Exists)
            {
                long index = b.Index - queries;
                Key(b, left, p, dS, (int)(index / shape.Tk / shape.Hk), (int)(index / shape.Tk % shape.Hk), (int)(index % shape.Tk));
            }
        }
    }

    /// <inheritdoc/>
    /// <remarks>The products of a pair: q·k, dO·v, and those of dQ, dK and dV.</remarks>
    public KernelCost Cost(long blocks) => new(
        (4 + (dQ.Exists ? 2 : 0) + (dK.Exists ? 4 : 0)) * shape.D * Attention.Pairs(shape, keyRanges),
        q.BytesOf(shape.Queries) + k.BytesOf(shape.Keys) + v.BytesOf(shape.Keys) + o.BytesOf(shape.Queries) + dO.BytesOf(shape.Queries)
        + lse.BytesOf(Attention.QueryBlocks(shape)) + keyMask.BytesOf((long)shape.B * shape.Tk) + bias.BytesOf((long)shape.Hq * shape.Tq * shape.Tk)
        + keyRanges.BytesOf(2L * shape.B * shape.Tq) + queryRanges.BytesOf(2L * shape.B * shape.Tk)
        + dQ.BytesOf(shape.Queries) + dK.BytesOf(shape.Keys) + dV.BytesOf(shape.Keys));

    // dQ_i = scale·Σ_j dS_ij·k_j.
    private void Query(in Block b, int left, Span<float> p, Span<float> dS, int batch, int h, int i)
    {
        int own = (Attention.Columns + b.Size - 1) / b.Size;
        Span<float> sums = stackalloc float[(Attention.Columns + b.Size - 1) / b.Size];
        int end = Attention.EndKey(shape, keyRanges, batch, i);
        for (int start = Attention.FirstKey(shape, keyRanges, batch, i); start < end; start += Attention.KeyBlock)
        {
            int n = Math.Min(Attention.KeyBlock, end - start);
            for (int j = b.Lane; j < n; j += b.Size)
            {
                Pair(p, dS, j, batch, h, i, start + j);
            }

            b.Barrier();
            for (int c = 0; c < Block.Unroll(own); c++)
            {
                int d = left + (c * b.Size) + b.Lane;
                for (int j = 0; j < n && d < shape.D; j++)
                {
                    sums[c] += dS[j] * E.Load(k[lk.At(batch, h / shape.Group, start + j) + d]);
                }
            }

            b.Barrier();
        }

        View<T> dQr = dQ.From(ldQ.At(batch, h, i));
        for (int c = 0; c < Block.Unroll(own); c++)
        {
            int d = left + (c * b.Size) + b.Lane;
            if (d < shape.D)
            {
                dQr[d] = E.Store(sums[c]);
            }
        }
    }

    // dV_j = Σ_i p_ij·dO_i and dK_j = scale·Σ_i dS_ij·q_i, over the queries of all heads of the group.
    private void Key(in Block b, int left, Span<float> p, Span<float> dS, int batch, int kvHead, int j)
    {
        int own = (Attention.Columns + b.Size - 1) / b.Size;
        Span<float> keySums = stackalloc float[(Attention.Columns + b.Size - 1) / b.Size];
        Span<float> valueSums = stackalloc float[(Attention.Columns + b.Size - 1) / b.Size];
        int first = Attention.FirstQuery(shape, queryRanges, batch, j);
        int end = Attention.EndQuery(shape, queryRanges, batch, j);
        for (int h = kvHead * shape.Group; h < (kvHead + 1) * shape.Group; h++)
        {
            for (int start = first; start < end; start += Attention.KeyBlock)
            {
                int n = Math.Min(Attention.KeyBlock, end - start);
                for (int i = b.Lane; i < n; i += b.Size)
                {
                    Pair(p, dS, i, batch, h, start + i, j);
                }

                b.Barrier();
                for (int c = 0; c < Block.Unroll(own); c++)
                {
                    int d = left + (c * b.Size) + b.Lane;
                    for (int i = 0; i < n && d < shape.D; i++)
                    {
                        keySums[c] += dS[i] * E.Load(q[lq.At(batch, h, start + i) + d]);
                        valueSums[c] += p[i] * E.Load(dO[lo.At(batch, h, start + i) + d]);
                    }
                }

                b.Barrier();
            }
        }

        View<T> dKr = dK.From(ldK.At(batch, kvHead, j));
        View<T> dVr = dV.From(ldV.At(batch, kvHead, j));
        for (int c = 0; c < Block.Unroll(own); c++)
        {
            int d = left + (c * b.Size) + b.Lane;
            if (d < shape.D)
            {
                dKr[d] = E.Store(keySums[c]);
                dVr[d] = E.Store(valueSums[c]);
            }
        }
    }

    // p_ij and scale·dS_ij of one pair, to place `at`.
    private void Pair(Span<float> p, Span<float> dS, int at, int batch, int h, int i, int j)
    {
        long row = lo.At(batch, h, i);
        float s = 0f;
        float bracket = 0f;
        Attention.Products<T, E>(
            q.From(lq.At(batch, h, i)), k.From(lk.At(batch, h / shape.Group, j)), dO.From(row), v.From(lv.At(batch, h / shape.Group, j)),
            o.From(row), shape.D, ref s, ref bracket);
        s = Attention.Score(s, bias, keyMask, shape, batch, h, i, j);
        p[at] = KMath.Exp(s - lse[((((long)batch * shape.Hq) + h) * shape.Tq) + i]);
        dS[at] = p[at] * bracket * shape.Scale;
    }
}

/// <summary>
/// The gradient of the bias of <see cref="AttentionForward{T, E}"/>: dBias_hij = Σ_b dS_bhij, the batches in order, overwriting or, if
/// <paramref name="accumulate"/>, adding. One block per row (h, i) of dBias (Hq, Tq, Tk); keys that the query does not see get 0.
/// A kernel of its own, since only a learned bias needs it and its sum runs over batches, which the other gradients keep apart.
/// </summary>
[Kernel]
public readonly partial record struct AttentionBiasBackward<T, E>(
    View<T> q, View<T> k, View<T> v, View<T> o, View<float> lse, View<int> keyMask, View<float> bias, View<int> keyRanges,
    View<T> dO, View<float> dBias, HeadLayout lq, HeadLayout lk, HeadLayout lv, HeadLayout lo,
    AttentionShape shape, bool accumulate) : IKernel
    where T : unmanaged
    where E : unmanaged, IElement<T>
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        int i = (int)(b.Index % shape.Tq);
        int h = (int)(b.Index / shape.Tq);
        View<float> row = dBias.Row(b.Index, shape.Tk);
        for (int j = b.Lane; j < shape.Tk; j += b.Size)
        {
            float sum = 0f;
            for (int batch = 0; batch < shape.B; batch++)
            {
                if (j >= Attention.FirstKey(shape, keyRanges, batch, i) && j < Attention.EndKey(shape, keyRanges, batch, i))
                {
                    sum += ScoreGradient(batch, h, i, j);
                }
            }

            row[j] = accumulate ? row[j] + sum : sum;
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(
        4 * shape.D * Attention.Pairs(shape, keyRanges),
        q.BytesOf(shape.Queries) + k.BytesOf(shape.Keys) + v.BytesOf(shape.Keys) + o.BytesOf(shape.Queries) + dO.BytesOf(shape.Queries)
        + lse.BytesOf(Attention.QueryBlocks(shape)) + keyMask.BytesOf((long)shape.B * shape.Tk) + bias.BytesOf((long)shape.Hq * shape.Tq * shape.Tk)
        + keyRanges.BytesOf(2L * shape.B * shape.Tq) + ((accumulate ? 2 : 1) * dBias.BytesOf((long)shape.Hq * shape.Tq * shape.Tk)));

    // One lane alone: the lanes of the block work on different keys.
    private float ScoreGradient(int batch, int h, int i, int j)
    {
        long row = lo.At(batch, h, i);
        float s = 0f;
        float bracket = 0f;
        Attention.Products<T, E>(
            q.From(lq.At(batch, h, i)), k.From(lk.At(batch, h / shape.Group, j)), dO.From(row), v.From(lv.At(batch, h / shape.Group, j)),
            o.From(row), shape.D, ref s, ref bracket);
        s = Attention.Score(s, bias, keyMask, shape, batch, h, i, j);
        return KMath.Exp(s - lse[((((long)batch * shape.Hq) + h) * shape.Tq) + i]) * bracket;
    }
}
