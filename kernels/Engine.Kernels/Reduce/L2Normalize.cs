using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// y = x/max(‖x‖₂, eps) along the middle axis. One block per line; its lanes stride over the axis. x, y (outer, n, inner) and
/// ‖x‖ (outer, inner), which is kept for backward with y.
/// </summary>
[Kernel]
public readonly partial record struct L2NormalizeForward(View<float> x, View<float> y, View<float> norm, long n, long inner, float eps) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long start = (b.Index / inner * n * inner) + (b.Index % inner);
        float q = 0f;
        for (long i = b.Lane; i < n; i += b.Size)
        {
            float v = x[start + (i * inner)];
            q += v * v;
        }

        float length = KMath.Sqrt(b.Sum(q));
        float divisor = KMath.Max(length, eps);
        for (long i = b.Lane; i < n; i += b.Size)
        {
            y[start + (i * inner)] = x[start + (i * inner)] / divisor;
        }

        if (b.Lane == 0)
        {
            norm[b.Index] = length;
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(3 * blocks * n, x.BytesOf(blocks * n) + y.BytesOf(blocks * n) + norm.BytesOf(blocks));
}

/// <summary>
/// dX = (dY − y·Σ y·dY)/‖x‖ where ‖x‖ ≥ eps, dY/eps where eps took its place; overwriting. Blocks and shapes as in
/// <see cref="L2NormalizeForward"/>.
/// </summary>
[Kernel]
public readonly partial record struct L2NormalizeBackward(
    View<float> y, View<float> norm, View<float> dY, View<float> dX, long n, long inner, float eps) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long start = (b.Index / inner * n * inner) + (b.Index % inner);
        float s = 0f;
        for (long i = b.Lane; i < n; i += b.Size)
        {
            s += y[start + (i * inner)] * dY[start + (i * inner)];
        }

        s = b.Sum(s);
        float length = norm[b.Index];
        float along = length >= eps ? s : 0f;
        float divisor = KMath.Max(length, eps);
        for (long i = b.Lane; i < n; i += b.Size)
        {
            long at = start + (i * inner);
            dX[at] = (dY[at] - (y[at] * along)) / divisor;
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(
        5 * blocks * n, y.BytesOf(blocks * n) + norm.BytesOf(blocks) + dY.BytesOf(blocks * n) + dX.BytesOf(blocks * n));
}
