using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// Scaled dot-product attention (Vaswani et al., "Attention is all you need", 2017) without the matrix of scores (Dao et al.,
/// "FlashAttention", 2022): o_i = Σ_j p_ij·v_j with p_ij = exp(s_ij − L_i), s_ij = scale·q_i·k_j + bias_ij and
/// L_i = log Σ_j exp s_ij, over the keys j that query i sees.
/// <para>
/// q, o (B, Hq, Tq, D); k, v (B, Hk, Tk, D); keyMask (B, Tk), 1 for a real key; bias (Hq, Tq, Tk); lse (B, Hq, Tq) is L, saved
/// for backward. lse, keyMask and bias are optional. A query that sees no key gives 0, with L = +∞.
/// </para>
/// <para>
/// One block per query. Keys come in blocks of <see cref="Attention.KeyBlock"/>: with the greatest score m so far, the running sum
/// l = Σ exp(s − m) and the running result are rescaled by exp(m_old − m_new) once a block, so exp never overflows. The lanes
/// share each dot product and each owns the columns of o that it strides over.
/// </para>
/// </summary>
[Kernel]
public readonly partial record struct AttentionForward<T, E>(
    View<T> q, View<T> k, View<T> v, View<T> o, View<float> lse, View<int> keyMask, View<float> bias,
    HeadLayout lq, HeadLayout lk, HeadLayout lv, HeadLayout lo, AttentionShape shape) : IKernel
    where T : unmanaged
    where E : unmanaged, IElement<T>
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        // Also for D = 0, where only the log-sum-exp is asked for.
        for (int left = 0; left == 0 || left < shape.D; left += Attention.Columns)
        {
            Columns(b, left);
        }
    }

    // The columns from `left` on of one query's row, each summed in float32 by the lane that owns it.
    private void Columns(in Block b, int left)
    {
        int i = (int)(b.Index % shape.Tq);
        int h = (int)(b.Index / shape.Tq % shape.Hq);
        int batch = (int)(b.Index / shape.Tq / shape.Hq);
        int kvHead = h / shape.Group;
        int own = (Attention.Columns + b.Size - 1) / b.Size;
        Span<float> sums = stackalloc float[(Attention.Columns + b.Size - 1) / b.Size];
        Span<float> p = stackalloc float[Attention.KeyBlock];
        float m = float.NegativeInfinity;
        float l = 0f;
        int end = shape.EndKey(i);
        for (int start = shape.FirstKey(i); start < end; start += Attention.KeyBlock)
        {
            int n = Math.Min(Attention.KeyBlock, end - start);
            float greatest = m;
            for (int j = 0; j < n; j++)
            {
                p[j] = Score(b, batch, h, i, start + j);
                greatest = KMath.Max(greatest, p[j]);
            }

            // With no visible key yet, 0 in place of −∞ keeps exp(−∞ − m) at 0 and not NaN.
            float safe = greatest == float.NegativeInfinity ? 0f : greatest;
            float rescale = KMath.Exp(m - safe);
            l *= rescale;
            for (int j = 0; j < n; j++)
            {
                p[j] = KMath.Exp(p[j] - safe);
                l += p[j];
            }

            for (int c = 0; c < Block.Unroll(own); c++)
            {
                int d = left + (c * b.Size) + b.Lane;
                if (d < shape.D)
                {
                    float sum = sums[c] * rescale;
                    for (int j = 0; j < n; j++)
                    {
                        sum += p[j] * E.Load(v[lv.At(batch, kvHead, start + j) + d]);
                    }

                    sums[c] = sum;
                }
            }

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

    private float Score(in Block b, int batch, int h, int i, int j)
    {
        float s = Attention.Dot<T, E>(b, q.From(lq.At(batch, h, i)), k.From(lk.At(batch, h / shape.Group, j)), shape.D);
        return Attention.Score(s, bias, keyMask, shape, batch, h, i, j);
    }
}

/// <summary>What the attention kernels share.</summary>
public static class Attention
{
    /// <summary>Keys between two rescalings.</summary>
    public const int KeyBlock = 32;

    /// <summary>
    /// Columns of a row that a block sums at a time, in float32 in its lanes' own memory. A longer row is made in several passes,
    /// which repeat the scores.
    /// </summary>
    public const int Columns = 128;

    /// <summary>The blocks of a backward launch.</summary>
    public static long BackwardBlocks(in AttentionShape s) => QueryBlocks(s) + ((long)s.B * s.Hk * s.Tk);

    /// <summary>Those of them that make rows of dQ.</summary>
    public static long QueryBlocks(in AttentionShape s) => (long)s.B * s.Hq * s.Tq;

    /// <summary>x·y over D elements, shared by the lanes; every lane gets it.</summary>
    public static float Dot<T, E>(in Block b, View<T> x, View<T> y, int D)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        float s = 0f;
        for (int d = b.Lane; d < D; d += b.Size)
        {
            s += E.Load(x[d]) * E.Load(y[d]);
        }

        return b.Sum(s);
    }

    /// <summary>dY·(v − y): with y the result's row this is dP − Σ dY·y, the bracket of the softmax's gradient.</summary>
    public static float DotDifference<T, E>(in Block b, View<T> dY, View<T> v, View<T> y, int D)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        float s = 0f;
        for (int d = b.Lane; d < D; d += b.Size)
        {
            s += E.Load(dY[d]) * (E.Load(v[d]) - E.Load(y[d]));
        }

        return b.Sum(s);
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
