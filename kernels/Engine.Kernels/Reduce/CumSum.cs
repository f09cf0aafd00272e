using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// y_i = Σ_{j ≤ i} x_j along the middle axis, or Σ_{j ≥ i} if direction is −1 instead of 1 (which is the backward). One block per line: each
/// lane sums its own contiguous part, learns the sum of the parts below, and writes its running sums. x, y (outer, n, inner).
/// </summary>
[Kernel]
public readonly partial record struct CumSum(View<float> x, View<float> y, long n, long inner, int direction) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long start = (b.Index / inner * n * inner) + (b.Index % inner);
        long first = direction < 0 ? start + ((n - 1) * inner) : start;
        long step = direction * inner;
        long part = (n + b.Size - 1) / b.Size;
        long low = Math.Min(n, b.Lane * part);
        long high = Math.Min(n, low + part);
        float s = 0f;
        for (long i = low; i < high; i++)
        {
            s += x[first + (i * step)];
        }

        s = b.SumBelow(s);
        for (long i = low; i < high; i++)
        {
            s += x[first + (i * step)];
            y[first + (i * step)] = s;
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(blocks * n, x.BytesOf(blocks * n) + y.BytesOf(blocks * n));
}
