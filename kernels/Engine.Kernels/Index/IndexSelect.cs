using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// y[o, j, i] = x[o, indices[j], i]. x (outer, n, inner), indices (m), y (outer, m, inner). One block per row (o, j) of y, its
/// lanes striding over inner. An index outside 0 … n − 1 gives NaN, so that it shows on devices that do not check indices.
/// </summary>
[Kernel]
public readonly partial record struct IndexSelectForward(View<float> x, View<int> indices, View<float> y, long n, long m, long inner) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long from = indices[b.Index % m];
        long row = (b.Index / m * n) + from;
        bool inside = from >= 0 && from < n;
        for (long i = b.Lane; i < inner; i += b.Size)
        {
            y[(b.Index * inner) + i] = inside ? x[(row * inner) + i] : float.NaN;
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(0, x.BytesOf(blocks * inner) + indices.BytesOf(m) + y.BytesOf(blocks * inner));
}

/// <summary>
/// dX[o, indices[j], i] += dY[o, j, i], accumulating into a gradient that holds zeros or earlier sums. The columns (o, i) are
/// shared out, <see cref="Columns"/> to a block and strided over its lanes; each column's additions run in the order of j, so
/// repeated indices add up deterministically without atomics. dX (outer, n, inner), dY (outer, m, inner).
/// </summary>
[Kernel]
public readonly partial record struct IndexSelectBackward(
    View<float> dY, View<int> indices, View<float> dX, long n, long m, long outer, long inner) : IKernel
{
    /// <summary>Columns of one block.</summary>
    public const int Columns = 256;

    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long low = b.Index * Columns;
        long high = Math.Min(outer * inner, low + Columns);
        for (long j = 0; j < m; j++)
        {
            long to = indices[j];
            if (to >= 0 && to < n)
            {
                for (long column = low + b.Lane; column < high; column += b.Size)
                {
                    long o = column / inner;
                    long i = column - (o * inner);
                    dX[(((o * n) + to) * inner) + i] += dY[(((o * m) + j) * inner) + i];
                }
            }
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(
        outer * m * inner, dY.BytesOf(outer * m * inner) + indices.BytesOf(m) + (2 * dX.BytesOf(outer * Math.Min(m, n) * inner)));
}
