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
/// One block per query. Keys come in blocks of <see cref="KeyBlock"/>: with the greatest score m so far, the running sum
/// l = Σ exp(s − m) and the running result are rescaled by exp(m_old − m_new) once a block, so exp never overflows. The lanes
/// share each dot product and each owns the columns of o that it strides over.
/// </para>
/// </summary>
[Kernel]
public readonly partial record struct AttentionForward(
    View<float> q, View<float> k, View<float> v, View<float> o, View<float> lse, View<int> keyMask, View<float> bias,
    HeadLayout lq, HeadLayout lk, HeadLayout lv, HeadLayout lo, AttentionShape shape) : IKernel
{
    /// <summary>Keys between two rescalings.</summary>
    public const int KeyBlock = 32;

    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        int i = (int)(b.Index % shape.Tq);
        int h = (int)(b.Index / shape.Tq % shape.Hq);
        int batch = (int)(b.Index / shape.Tq / shape.Hq);
        int kvHead = h / shape.Group;
        View<float> yr = o.From(lo.At(batch, h, i));
        for (int d = b.Lane; d < shape.D; d += b.Size)
        {
            yr[d] = 0f;
        }

        Span<float> p = stackalloc float[KeyBlock];
        float m = float.NegativeInfinity;
        float l = 0f;
        int end = shape.EndKey(i);
        for (int first = shape.FirstKey(i); first < end; first += KeyBlock)
        {
            int n = Math.Min(KeyBlock, end - first);
            float greatest = m;
            for (int j = 0; j < n; j++)
            {
                p[j] = Score(b, batch, h, i, first + j);
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

            for (int d = b.Lane; d < shape.D; d += b.Size)
            {
                float sum = yr[d] * rescale;
                for (int j = 0; j < n; j++)
                {
                    sum += p[j] * v[lv.At(batch, kvHead, first + j) + d];
                }

                yr[d] = sum;
            }

            m = greatest;
        }

        // l is at least exp(0) = 1 unless every key was masked.
        float scale = l == 0f ? 0f : 1f / l;
        for (int d = b.Lane; d < shape.D; d += b.Size)
        {
            yr[d] *= scale;
        }

        if (b.Lane == 0 && lse.Exists)
        {
            lse[b.Index] = l == 0f ? float.PositiveInfinity : m + KMath.Log(l);
        }
    }

    private float Score(in Block b, int batch, int h, int i, int j)
    {
        float s = Attention.Dot(b, q.From(lq.At(batch, h, i)), k.From(lk.At(batch, h / shape.Group, j)), shape.D);
        return Attention.Score(s, bias, keyMask, shape, batch, h, i, j);
    }
}

/// <summary>What the attention kernels share.</summary>
public static class Attention
{
    /// <summary>x·y over D elements, shared by the lanes; every lane gets it.</summary>
    public static float Dot(in Block b, View<float> x, View<float> y, int D)
    {
        float s = 0f;
        for (int d = b.Lane; d < D; d += b.Size)
        {
            s += x[d] * y[d];
        }

        return b.Sum(s);
    }

    /// <summary>dY·(v − y): with y the result's row this is dP − Σ dY·y, the bracket of the softmax's gradient.</summary>
    public static float DotDifference(in Block b, View<float> dY, View<float> v, View<float> y, int D)
    {
        float s = 0f;
        for (int d = b.Lane; d < D; d += b.Size)
        {
            s += dY[d] * (v[d] - y[d]);
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
