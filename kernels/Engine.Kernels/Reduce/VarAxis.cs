using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// y = scale·Σ (x − μ)² over the middle axis, μ = Σ x/n: two passes, because Σ x² − n·μ² cancels. scale is 1/n for the biased
/// variance. One block per result; its lanes stride over the axis. x (outer, n, inner) → y, μ (outer, inner); μ is kept for
/// backward.
/// </summary>
[Kernel]
public readonly partial record struct VarAxis(View<float> x, View<float> y, View<float> mean, long n, long inner, float scale) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long start = (b.Index / inner * n * inner) + (b.Index % inner);
        float s = 0f;
        for (long i = b.Lane; i < n; i += b.Size)
        {
            s += x[start + (i * inner)];
        }

        float mu = b.Sum(s) / n;
        float q = 0f;
        for (long i = b.Lane; i < n; i += b.Size)
        {
            float d = x[start + (i * inner)] - mu;
            q += d * d;
        }

        q = b.Sum(q);
        if (b.Lane == 0)
        {
            y[b.Index] = scale * q;
            mean[b.Index] = mu;
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(4 * blocks * n, x.BytesOf(blocks * n) + y.BytesOf(blocks) + mean.BytesOf(blocks));
}

/// <summary>dX = 2·scale·dY·(x − μ), overwriting: the derivative through μ is zero. Blocks and shapes as in <see cref="VarAxis"/>.</summary>
[Kernel]
public readonly partial record struct VarAxisBackward(
    View<float> x, View<float> mean, View<float> dY, View<float> dX, long n, long inner, float scale) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long start = (b.Index / inner * n * inner) + (b.Index % inner);
        float mu = mean[b.Index];
        float g = 2f * scale * dY[b.Index];
        for (long i = b.Lane; i < n; i += b.Size)
        {
            long at = start + (i * inner);
            dX[at] = g * (x[at] - mu);
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(2 * blocks * n, x.BytesOf(blocks * n) + mean.BytesOf(blocks) + dY.BytesOf(blocks) + dX.BytesOf(blocks * n));
}
