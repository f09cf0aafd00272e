using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// One step of Adam (Kingma and Ba 2015) or AdamW (Loshchilov and Hutter 2019), in one pass over the parameter:
/// <code>
/// d = factor·g + l2·p            m += (1 − β₁)(d − m)            v += (1 − β₂)(d² − v)
/// p = decay·p − rate·m / (√v·root + ε)      with rate = lr/(1 − β₁ᵗ), root = 1/√(1 − β₂ᵗ)
/// </code>
/// Adam's decay is in l2, AdamW's in decay = 1 − lr·wd. Where vMax is given (AMSGrad, Reddi et al. 2018), it keeps the
/// largest v so far and takes its place. One block per <see cref="Block.Span"/> elements; all (n). Reads p, g, m, v once and
/// writes p, m, v once. The complements of β come from float64: 1 − 0.999 has lost four digits in float32.
/// </summary>
[Kernel]
public readonly partial record struct AdamStep(
    View<float> p, View<float> g, View<float> m, View<float> v, View<float> vMax, View<float> clip, float gradScale,
    float rate, float decay, float l2, float oneMinusBeta1, float oneMinusBeta2, float root, float eps, long n) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        float factor = GradientFactor.Of(clip, gradScale);
        long end = b.End(n);
        for (long i = b.Start; i < end; i += b.Size)
        {
            float w = p[i];
            float d = (factor * g[i]) + (l2 * w);
            float mi = m[i] + (oneMinusBeta1 * (d - m[i]));
            float vi = v[i] + (oneMinusBeta2 * ((d * d) - v[i]));
            m[i] = mi;
            v[i] = vi;
            if (vMax.Exists)
            {
                vi = KMath.Max(vMax[i], vi);
                vMax[i] = vi;
            }

            p[i] = (decay * w) - (rate * mi / ((KMath.Sqrt(vi) * root) + eps));
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new((vMax.Exists ? 18 : 17) * n, g.BytesOf(n) + (2 * (p.BytesOf(n) + m.BytesOf(n) + v.BytesOf(n) + vMax.BytesOf(n))));
}
