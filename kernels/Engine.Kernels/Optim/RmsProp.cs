using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// One step of RMSprop (Hinton's lecture 6e, 2012): d = factor·g + l2·p; v += (1 − α)(d² − v); p −= lr·d/(√v + ε). One block
/// per <see cref="Block.Span"/> elements; p, g, v (n).
/// </summary>
[Kernel]
public readonly partial record struct RmsPropStep(
    View<float> p, View<float> g, View<float> v, View<float> clip, float gradScale,
    float lr, float l2, float oneMinusAlpha, float eps, long n) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        float factor = GradientFactor.Of(clip, gradScale);
        long end = b.End(n);
        for (long i = b.Start; i < end; i += b.Size)
        {
            float d = (factor * g[i]) + (l2 * p[i]);
            float vi = v[i] + (oneMinusAlpha * ((d * d) - v[i]));
            v[i] = vi;
            p[i] -= lr * d / (KMath.Sqrt(vi) + eps);
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(12 * n, g.BytesOf(n) + (2 * (p.BytesOf(n) + v.BytesOf(n))));
}
