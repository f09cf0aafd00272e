using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// One step of Adagrad (Duchi et al. 2011): d = factor·g + l2·p; s += d²; p −= lr·d/(√s + ε). One block per
/// <see cref="Block.Span"/> elements; p, g, s (n).
/// </summary>
[Kernel]
public readonly partial record struct AdagradStep(
    View<float> p, View<float> g, View<float> s, View<float> clip, float gradScale,
    float lr, float l2, float eps, long n) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        float factor = GradientFactor.Of(clip, gradScale);
        long end = b.End(n);
        for (long i = b.Start; i < end; i += b.Size)
        {
            float d = (factor * g[i]) + (l2 * p[i]);
            float si = s[i] + (d * d);
            s[i] = si;
            p[i] -= lr * d / (KMath.Sqrt(si) + eps);
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(10 * n, g.BytesOf(n) + (2 * (p.BytesOf(n) + s.BytesOf(n))));
}
