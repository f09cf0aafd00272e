using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// One step of stochastic gradient descent: d = factor·g + l2·p; with a momentum buffer v = μ·v + d, then d = v, or d + μ·v in
/// Nesterov's form (Sutskever et al. 2013); p −= lr·d. v starts at zero, so that the first v is d. One block per
/// <see cref="Block.Span"/> elements; p, g, v (n), v absent without momentum; nesterov is 0 or 1.
/// </summary>
[Kernel]
public readonly partial record struct SgdStep(
    View<float> p, View<float> g, View<float> v, View<float> clip, float gradScale,
    float lr, float momentum, float l2, int nesterov, long n) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        float factor = GradientFactor.Of(clip, gradScale);
        long end = b.End(n);
        for (long i = b.Start; i < end; i += b.Size)
        {
            float d = (factor * g[i]) + (l2 * p[i]);
            if (v.Exists)
            {
                float vi = (momentum * v[i]) + d;
                v[i] = vi;
                d = nesterov != 0 ? d + (momentum * vi) : vi;
            }

            p[i] -= lr * d;
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new((5 + (v.Exists ? 2 : 0) + (v.Exists && nesterov != 0 ? 2 : 0)) * n, g.BytesOf(n) + (2 * (p.BytesOf(n) + v.BytesOf(n))));
}
