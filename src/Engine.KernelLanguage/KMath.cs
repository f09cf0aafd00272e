using System.Runtime.CompilerServices;

namespace Engine.KernelLanguage;

/// <summary>
/// The mathematical functions a kernel may call. Each has a C# body (what the CPU runs) and a CUDA and an OpenCL
/// spelling. <see cref="Max"/> and <see cref="Min"/> propagate NaN on every device.
/// </summary>
public static class KMath
{
    /// <summary>eˣ.</summary>
    [Intrinsic("expf", "exp")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Exp(float x) => MathF.Exp(x);

    /// <summary>Natural logarithm.</summary>
    [Intrinsic("logf", "log")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Log(float x) => MathF.Log(x);

    /// <summary>log(1 + x), accurate for small x.</summary>
    [Intrinsic("log1pf", "log1p")]
    public static float Log1p(float x)
    {
        // Kahan's correction: the rounding error of 1 + x cancels in the quotient.
        float u = 1f + x;
        return u == 1f ? x : float.IsInfinity(u) ? u : MathF.Log(u) * (x / (u - 1f));
    }

    /// <summary>eˣ − 1, accurate for small x.</summary>
    [Intrinsic("expm1f", "expm1")]
    public static float Expm1(float x)
    {
        // Kahan's correction: the rounding error of eˣ cancels in the quotient.
        float u = MathF.Exp(x);
        return u == 1f ? x : u - 1f == -1f || float.IsInfinity(u) ? u - 1f : (u - 1f) * (x / MathF.Log(u));
    }

    /// <summary>xʸ.</summary>
    [Intrinsic("powf", "pow")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Pow(float x, float y) => MathF.Pow(x, y);

    /// <summary>Square root.</summary>
    [Intrinsic("sqrtf", "sqrt")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sqrt(float x) => MathF.Sqrt(x);

    /// <summary>1/√x.</summary>
    [Intrinsic("rsqrtf", "rsqrt")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Rsqrt(float x) => 1f / MathF.Sqrt(x);

    /// <summary>Hyperbolic tangent.</summary>
    [Intrinsic("tanhf", "eng_tanh")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Tanh(float x) => MathF.Tanh(x);

    /// <summary>Sine, x in radians.</summary>
    [Intrinsic("sinf", "sin")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sin(float x) => MathF.Sin(x);

    /// <summary>Cosine, x in radians.</summary>
    [Intrinsic("cosf", "cos")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Cos(float x) => MathF.Cos(x);

    /// <summary>Absolute value.</summary>
    [Intrinsic("fabsf", "fabs")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Abs(float x) => MathF.Abs(x);

    /// <summary>a·b + c rounded once.</summary>
    [Intrinsic("fmaf", "fma")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Fma(float a, float b, float c) => MathF.FusedMultiplyAdd(a, b, c);

    /// <summary>The larger; NaN if either is NaN.</summary>
    [Intrinsic("eng_max", "eng_max")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max(float a, float b) => MathF.Max(a, b);

    /// <summary>The smaller; NaN if either is NaN.</summary>
    [Intrinsic("eng_min", "eng_min")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Min(float a, float b) => MathF.Min(a, b);

    /// <summary>
    /// The error function 2/√π ∫₀ˣ e^(−t²) dt, to about 1 unit in the last place of float32: its Maclaurin series
    /// below 2, the continued fraction of erfc above, both in float64.
    /// </summary>
    [Intrinsic("erff", "erf")]
    public static float Erf(float x)
    {
        double a = Math.Abs((double)x);
        if (double.IsNaN(a))
        {
            return x;
        }

        double r = a < 2.0 ? ErfSeries(a) : a < 4.0 ? 1.0 - ErfcFraction(a) : 1.0;
        return MathF.CopySign((float)r, x);
    }

    // erf x = 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (1·3·…·(2n+1)): all terms positive, so nothing cancels.
    private static double ErfSeries(double x)
    {
        double term = x;
        double sum = x;
        for (int n = 1; term > sum * 1e-12; n++)
        {
            term *= 2.0 * x * x / ((2.0 * n) + 1.0);
            sum += term;
        }

        return 2.0 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }

    // erfc x = e^(−x²)/√π · 1/(x + ½/(x + 1/(x + 3⁄2/(x + …)))), evaluated from the inside out.
    private static double ErfcFraction(double x)
    {
        double f = x;
        for (int n = 40; n >= 1; n--)
        {
            f = x + (0.5 * n / f);
        }

        return Math.Exp(-x * x) / (Math.Sqrt(Math.PI) * f);
    }
}
