using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// Scaled dot-product attention (Vaswani et al., "Attention is all you need", 2017) without the matrix of scores (Dao et al.,
/// "FlashAttention", 2022): o_i = Σ_j p_ij·v_j with p_ij = exp(s_ij − L_i), s_ij = scale·q_i·k_j + bias_ij and
/// L_i = log Σ_j exp s_ij, over the keys j that query i sees.
/// <para>
/// q, o (B, Hq, Tq, D); k, v (B, Hk, Tk, D); keyMask (B, Tk), 1 for a real key; bias (Hq, Tq, Tk); keyRanges (B, Tq, 2), the first
/// key that a query sees and one past the last; lse (B, Hq, Tq) is L, saved for backward. lse, keyMask, bias and keyRanges are
/// optional. A query that sees no key gives 0, with L = +∞.
/// </para>
/// <para>
/// One block per query. Keys come in blocks of <see cref="Attention.KeyBlock"/>: each lane scores the keys that it strides over
/// and leaves exp(s − m) in shared memory, where every lane finds it for the columns of o that it owns. With the greatest score m
/// so far, the running sum l = Σ exp(s − m) and the running result are rescaled by exp(m_old − m_new) once a block of keys, so exp
/// never overflows.
/// </para>
/// </summary>
[Kernel(Lanes = Attention.KeyBlock)]
public readonly partial record struct AttentionForward<T, E>(
    View<T> q, View<T> k, View<T> v, View<T> o, View<float> lse, View<int> keyMask, View<float> bias, View<int> keyRanges,
    HeadLayout lq, HeadLayout lk, HeadLayout lv, HeadLayout lo, AttentionShape shape) : IKernel
    where T : unmanaged
    where E : unmanaged, IElement<T>
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        Span<float> p = b.Shared(stackalloc float[Attention.KeyBlock]);

        // Also for D = 0, where only the log-sum-exp is asked for.
        for (int left = 0; left == 0 || left < shape.D; left += Attention.Columns)
        {
            Columns(b, left, p);
        }
    }

    /// <inheritdoc/>
    /// <remarks>The two products of a pair, q·k and p·v; its softmax is a D-th of them and not counted.</remarks>
    public KernelCost Cost(long blocks) => new(
        4 * shape.D * Attention.Pairs(shape, keyRanges),
        q.BytesOf(shape.Queries) + k.BytesOf(shape.Keys) + v.BytesOf(shape.Keys) + o.BytesOf(shape.Queries) + lse.BytesOf(Attention.QueryBlocks(shape))
        + keyMask.BytesOf((long)shape.B * shape.Tk) + bias.BytesOf((long)shape.Hq * shape.Tq * shape.Tk) + keyRanges.BytesOf(2L * shape.B * shape.Tq));

    // The columns from `left` on of one query's row, each summed in float32 by the lane that owns it.
    private void Columns(in Block b, int left, Span<float> p)
    {
        int i = (int)(b.Index % shape.Tq);
        int h = (int)(b.Index / shape.Tq % shape.Hq);
        int batch = (int)(b.Index / shape.Tq / shape.Hq);
        int kvHead = h / shape.Group;
        int own = (Attention.Columns + b.Size - 1) / b.Size;
        Span<float> sums = stackalloc float[(Attention.Columns + b.Size - 1) / b.Size];
        float m = float.NegativeInfinity;
        float l = 0f;
        int end = Attention.EndKey(shape, keyRanges, batch, i);
        for (int start = Attention.FirstKey(shape, keyRanges, batch, i); start < end; start += Attention.KeyBlock)
        {
            int n = Math.Min(Attention.KeyBlock, end - start);
            float mine = float.NegativeInfinity;
            for (int j = b.Lane; j < n; j += b.Size)
            {
                p[j] = Score(batch, h, i, start + j);
                mine = KMath.Max(mine, p[j]);
            }

            float greatest = KMath.Max(m, b.Max(mine));

            // With no visible key yet, 0 in place of −∞ keeps exp(−∞ − m) at 0 and not NaN.
            float safe = greatest == float.NegativeInfinity ? 0f : greatest;
            float rescale = KMath.Exp(m - safe);
            float sum = 0f;
            for (int j = b.Lane; j < n; j += b.Size)
            {
                p[j] = KMath.Exp(p[j] - safe);
                sum += p[j];
            }

            l = (l * rescale) + b.Sum(sum);
            b.Barrier();
            for (int c = 0; c < Block.Unroll(own); c++)
            {
                int d = left + (c * b.Size) + b.Lane;
                if (d < shape.D)
                {
                    float value = sums[c] * rescale;
                    for (int j = 0; j < n; j++)
                    {
                        value += p[j] * E.Load(v[lv.At(batch, kvHead, start + j) + d]);
                    }

                    sums[c] = value;
                }
            }

            b.Barrier();
            m = greatest;
        }

        // l is at least exp(0) = 1 unless every key was masked.
        float scale = l == 0f ? 0f : 1f / l;
        View<T> yr = o.From(lo.At(batch, h, i));
        for (int c = 0; c < Block.Unroll(own); c++)
        {
            int d = left + (c * b.Size) + b.Lane;
            if (d < shape.D)
            {
                yr[d] = E.Store(sums[c] * scale);
            }
        }

        if (left == 0 && b.Lane == 0 && lse.Exists)
        {
            lse[b.Index] = l == 0f ? float.PositiveInfinity : m + KMath.Log(l);
        }
    }

    private float Score(int batch, int h, int i, int j)
    {
        View<T> qr = q.From(lq.At(batch, h, i));
        View<T> kr = k.From(lk.At(batch, h / shape.Group, j));
        float dot = 0f;
        for (int d = 0; d < shape.D; d++)
        {
            dot += E.Load(qr[d]) * E.Load(kr[d]);
        }

        return Attention.Score(dot, bias, keyMask, shape, batch, h, i, j);
    }
}

/// <summary>What the attention kernels share.</summary>
public static class Attention
{
    /// <summary>Keys between two rescalings, and the lanes of a block.</summary>
    public const int KeyBlock = 128;

    /// <summary>
    /// Columns of a row that a block sums at a time, in float32 in its lanes' own memory. A longer row is made in several passes,
    /// which repeat the scores.
    /// </summary>
    public const int Columns = 128;

    /// <summary>The blocks of a backward launch.</summary>
    public static long BackwardBlocks(in AttentionShape s) => QueryBlocks(s) + ((long)s.B * s.Hk * s.Tk);

    /// <summary>Those of them that make rows of dQ.</summary>
    public static long QueryBlocks(in AttentionShape s) => (long)s.B * s.Hq * s.Tq;

    /// <summary>The first key that query <paramref name="i"/> sees, by the shape and by its range (B, Tq, 2) if there are any.</summary>
    public static int FirstKey(in AttentionShape s, View<int> ranges, int batch, int i)
    {
        int first = s.FirstKey(i);
        return ranges.Exists ? Math.Max(first, ranges[2 * (((long)batch * s.Tq) + i)]) : first;
    }

    /// <summary>One past the last key that query <paramref name="i"/> sees.</summary>
    public static int EndKey(in AttentionShape s, View<int> ranges, int batch, int i)
    {
        int end = s.EndKey(i);
        return ranges.Exists ? Math.Min(end, ranges[(2 * (((long)batch * s.Tq) + i)) + 1]) : end;
    }

    /// <summary>The first query that sees key <paramref name="j"/>, by the shape and by its range (B, Tk, 2) if there are any.</summary>
    public static int FirstQuery(in AttentionShape s, View<int> ranges, int batch, int j)
    {
        int first = s.FirstQuery(j);
        return ranges.Exists ? Math.Max(first, ranges[2 * (((long)batch * s.Tk) + j)]) : first;
    }

    /// <summary>One past the last query that sees key <paramref name="j"/>.</summary>
    public static int EndQuery(in AttentionShape s, View<int> ranges, int batch, int j)
    {
        int end = s.EndQuery(j);
        return ranges.Exists ? Math.Min(end, ranges[(2 * (((long)batch * s.Tk) + j)) + 1]) : end;
    }

    /// <summary>Pairs to count in a cost: with ranges, which lie on the device, none, since a number that is too large would say less.</summary>
    public static double Pairs(in AttentionShape s, View<int> ranges) => ranges.Exists ? 0 : s.Pairs;

    /// <summary>
    /// What the gradients of a pair need, by one lane: q·k, and dO·(v − o), the bracket of the softmax's gradient, since with o the
    /// result's row it is dP − Σ dO·o.
    /// </summary>
    public static void Products<T, E>(
        View<T> q, View<T> k, View<T> dO, View<T> v, View<T> o, int D, ref float dot, ref float bracket)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        float s = 0f;
        float t = 0f;
        for (int d = 0; d < D; d++)
        {
            s += E.Load(q[d]) * E.Load(k[d]);
            t += E.Load(dO[d]) * (E.Load(v[d]) - E.Load(o[d]));
        }

        dot = s;
        bracket = t;
    }

    /// <summary>The score of a pair from its dot product: scaled, with its bias, −∞ for a masked key.</summary>
    public static float Score(float dot, View<float> bias, View<int> keyMask, in AttentionShape shape, int batch, int h, int i, int j)
    {
        float s = dot * shape.Scale;
        if (bias.Exists)
        {
            s += bias[((((long)h * shape.Tq) + i) * shape.Tk) + j];
        }

        return keyMask.Exists && keyMask[((long)batch * shape.Tk) + j] == 0 ? float.NegativeInfinity : s;
    }
}
