using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>Mean and reciprocal standard deviation 1/√(σ² + ε) of some values, the same in every lane.</summary>
/// <param name="Mean">μ, or 0 where the values are not centred.</param>
/// <param name="Rstd">1/√(σ² + ε).</param>
public readonly record struct Moments(float Mean, float Rstd)
{
    /// <summary>
    /// The moments of <paramref name="n"/> neighbouring values; a collective of the block. The variance is that of the centred
    /// values, and what rounding left of their mean corrects both moments (the corrected two-pass algorithm of Chan, Golub
    /// and LeVeque, 1983), so a large mean costs no digits.
    /// </summary>
    public static Moments Of<T, E>(in Block b, View<T> x, long n, float eps)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        float s = 0f;
        for (long i = b.Lane; i < n; i += b.Size)
        {
            s += E.Load(x[i]);
        }

        float mu = b.Sum(s) / n;
        float q = 0f;
        float e = 0f;
        for (long i = b.Lane; i < n; i += b.Size)
        {
            float d = E.Load(x[i]) - mu;
            q += d * d;
            e += d;
        }

        float shift = b.Sum(e) / n;
        float variance = (b.Sum(q) / n) - (shift * shift);
        return new Moments(mu + shift, KMath.Rsqrt(variance + eps));
    }

    /// <summary>Mean 0 and the reciprocal root mean square 1/√(Σx²/n + ε); a collective of the block.</summary>
    public static Moments Uncentred<T, E>(in Block b, View<T> x, long n, float eps)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        float q = 0f;
        for (long i = b.Lane; i < n; i += b.Size)
        {
            float v = E.Load(x[i]);
            q += v * v;
        }

        return new Moments(0f, KMath.Rsqrt((b.Sum(q) / n) + eps));
    }
}
