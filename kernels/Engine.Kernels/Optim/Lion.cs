using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// One step of Lion (Chen et al. 2023, algorithm 2): d = factor·g; c = β₁·m + (1 − β₁)·d; p = decay·p − lr·sign(c) with
/// decay = 1 − lr·wd; then m += (1 − β₂)(d − m). sign(0) = 0. One block per <see cref="Block.Span"/> elements; p, g, m (n).
/// </summary>
[Kernel]
public readonly partial record struct LionStep(
    View<float> p, View<float> g, View<float> m, View<float> clip, float gradScale,
    float lr, float decay, float oneMinusBeta1, float oneMinusBeta2, long n) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        float factor = GradientFactor.Of(clip, gradScale);
        long end = b.End(n);
        for (long i = b.Start; i < end; i += b.Size)
        {
            float change = factor * g[i];
            float mi = m[i];
            float c = mi + (oneMinusBeta1 * (change - mi));
            float sign = c > 0f ? 1f : c < 0f ? -1f : c;
            p[i] = (decay * p[i]) - (lr * sign);
            m[i] = mi + (oneMinusBeta2 * (change - mi));
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(9 * n, g.BytesOf(n) + (2 * (p.BytesOf(n) + m.BytesOf(n))));
}
