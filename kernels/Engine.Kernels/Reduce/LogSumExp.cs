using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// y = log Σ e^x along the middle axis; nothing overflows, see <see cref="ExpSum"/>: a line of −∞ gives −∞, a line with +∞ gives
/// +∞. One block per line; its lanes stride over the axis. x (outer, n, inner) → y (outer, inner).
/// </summary>
[Kernel]
public readonly partial record struct LogSumExpForward(View<float> x, View<float> y, long n, long inner) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long start = (b.Index / inner * n * inner) + (b.Index % inner);
        ExpSum s = ExpSum.Of<float, Float32Element>(b, x, start, n, inner);
        if (b.Lane == 0)
        {
            y[b.Index] = s.LogSumExp;
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(4 * blocks * n, x.BytesOf(blocks * n) + y.BytesOf(blocks));
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

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(
        3 * blocks * n, x.BytesOf(blocks * n) + y.BytesOf(blocks) + dY.BytesOf(blocks) + dX.BytesOf(blocks * n));
}
