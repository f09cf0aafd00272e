using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// y = m + log Σ e^(x − m) along the middle axis, m = max x, so that nothing overflows. Where m is infinite it is not
/// subtracted: a line of −∞ gives −∞, a line with +∞ gives +∞. One block per line; its lanes stride over the axis.
/// x (outer, n, inner) → y (outer, inner).
/// </summary>
[Kernel]
public readonly partial record struct LogSumExpForward(View<float> x, View<float> y, long n, long inner) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long start = (b.Index / inner * n * inner) + (b.Index % inner);
        float m = float.NegativeInfinity;
        for (long i = b.Lane; i < n; i += b.Size)
        {
            m = KMath.Max(m, x[start + (i * inner)]);
        }

        m = b.Max(m);
        float shift = float.IsFinite(m) ? m : 0f;
        float s = 0f;
        for (long i = b.Lane; i < n; i += b.Size)
        {
            s += KMath.Exp(x[start + (i * inner)] - shift);
        }

        s = b.Sum(s);
        if (b.Lane == 0)
        {
            y[b.Index] = shift + KMath.Log(s);
        }
    }
}

/// <summary>
/// dX = dY·e^(x − y), the softmax, overwriting; 0 on a line of −∞. Blocks and shapes as in <see cref="LogSumExpForward"/>.
/// </summary>
[Kernel]
public readonly partial record struct LogSumExpBackward(
    View<float> x, View<float> y, View<float> dY, View<float> dX, long n, long inner) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long start = (b.Index / inner * n * inner) + (b.Index % inner);
        float l = y[b.Index];
        float g = dY[b.Index];
        for (long i = b.Lane; i < n; i += b.Size)
        {
            long at = start + (i * inner);
            dX[at] = float.IsNegativeInfinity(l) ? 0f : g * KMath.Exp(x[at] - l);
        }
    }
}
