using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// y[o, j, i] = x[o, indices[o, j, i], i]. x (outer, n, inner); indices, y (outer, m, inner). One block per
/// <see cref="Block.Span"/> elements of y. An index outside 0 … n − 1 gives NaN, so that it shows on devices that do not check
/// indices.
/// </summary>
[Kernel]
public readonly partial record struct GatherForward(
    View<float> x, View<int> indices, View<float> y, long n, long m, long inner, long count) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long end = b.End(count);
        for (long e = b.Start; e < end; e += b.Size)
        {
            long from = indices[e];
            long o = e / (m * inner);
            y[e] = from >= 0 && from < n ? x[(((o * n) + from) * inner) + (e % inner)] : float.NaN;
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(0, x.BytesOf(count) + indices.BytesOf(count) + y.BytesOf(count));
}

/// <summary>
/// dX[o, r, i] = Σ dY[o, j, i] over the j with indices[o, j, i] = r, overwriting. One block per line (o, i): a lane owns the r
/// that leave its number as remainder, clears them and adds in the order of j, so repeated indices add up deterministically
/// without atomics. dX (outer, n, inner); dY, indices (outer, m, inner).
/// </summary>
[Kernel]
public readonly partial record struct GatherBackward(
    View<float> dY, View<int> indices, View<float> dX, long n, long m, long inner) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long o = b.Index / inner;
        long i = b.Index % inner;
        for (long r = b.Lane; r < n; r += b.Size)
        {
            dX[(((o * n) + r) * inner) + i] = 0f;
        }

        for (long j = 0; j < m; j++)
        {
            long at = (((o * m) + j) * inner) + i;
            long to = indices[at];
            if (to >= 0 && to < n && to % b.Size == b.Lane)
            {
                dX[(((o * n) + to) * inner) + i] += dY[at];
            }
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(blocks * m, dY.BytesOf(blocks * m) + indices.BytesOf(blocks * m) + dX.BytesOf(blocks * n));
}
