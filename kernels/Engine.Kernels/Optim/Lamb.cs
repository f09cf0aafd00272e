using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// First pass of LAMB (You et al. 2020): m += (1 − β₁)(d − m), v += (1 − β₂)(d² − v) with d = factor·g, and the block's
/// share of ‖p‖² and ‖u‖², where u = m·correct1/(√v·root + ε) + wd·p. One block per <see cref="Block.Span"/> elements;
/// p, g, m, v (n), squaresP and squaresU (blocks). u is not stored: the last pass makes it again from m, v and p.
/// </summary>
[Kernel]
public readonly partial record struct LambMoments(
    View<float> p, View<float> g, View<float> m, View<float> v, View<float> squaresP, View<float> squaresU, View<float> clip,
    float gradScale, float weightDecay, float oneMinusBeta1, float oneMinusBeta2, float correct1, float root, float eps, long n) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        float factor = GradientFactor.Of(clip, gradScale);
        float sp = 0f;
        float su = 0f;
        long end = b.End(n);
        for (long i = b.Start; i < end; i += b.Size)
        {
            float d = factor * g[i];
            float mi = m[i] + (oneMinusBeta1 * (d - m[i]));
            float vi = v[i] + (oneMinusBeta2 * ((d * d) - v[i]));
            m[i] = mi;
            v[i] = vi;
            float u = LambDirection.Of(p[i], mi, vi, weightDecay, correct1, root, eps);
            sp += p[i] * p[i];
            su += u * u;
        }

        sp = b.Sum(sp);
        su = b.Sum(su);
        if (b.Lane == 0)
        {
            squaresP[b.Index] = sp;
            squaresU[b.Index] = su;
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(
        19 * n, p.BytesOf(n) + g.BytesOf(n) + (2 * (m.BytesOf(n) + v.BytesOf(n))) + squaresP.BytesOf(blocks) + squaresU.BytesOf(blocks));
}

/// <summary>
/// Second pass: trust = ‖p‖/‖u‖, or 1 where either is zero (a fresh bias, a parameter that does not move). One block;
/// squaresP, squaresU (n), trust (1).
/// </summary>
[Kernel]
public readonly partial record struct LambTrust(View<float> squaresP, View<float> squaresU, View<float> trust, long n) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        float sp = Partials.Sum(b, squaresP, n);
        float su = Partials.Sum(b, squaresU, n);
        if (b.Lane == 0)
        {
            trust[0] = sp > 0f && su > 0f ? KMath.Sqrt(sp) / KMath.Sqrt(su) : 1f;
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(2 * n, squaresP.BytesOf(n) + squaresU.BytesOf(n) + trust.BytesOf(1));
}

/// <summary>Last pass: p −= lr·trust·u. One block per <see cref="Block.Span"/> elements; p, m, v (n), trust (1).</summary>
[Kernel]
public readonly partial record struct LambApply(
    View<float> p, View<float> m, View<float> v, View<float> trust,
    float lr, float weightDecay, float correct1, float root, float eps, long n) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        float rate = lr * trust[0];
        long end = b.End(n);
        for (long i = b.Start; i < end; i += b.Size)
        {
            p[i] -= rate * LambDirection.Of(p[i], m[i], v[i], weightDecay, correct1, root, eps);
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(9 * n, (2 * p.BytesOf(n)) + m.BytesOf(n) + v.BytesOf(n));
}

/// <summary>The direction u of LAMB, before its length is set by the trust ratio.</summary>
internal static class LambDirection
{
    /// <summary>u = m̂/(√v̂ + ε) + wd·p, with m̂ = correct1·m and √v̂ = root·√v.</summary>
    public static float Of(float p, float m, float v, float weightDecay, float correct1, float root, float eps) =>
        (m * correct1 / ((KMath.Sqrt(v) * root) + eps)) + (weightDecay * p);
}
