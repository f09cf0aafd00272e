using System.Runtime.CompilerServices;

namespace Engine;

/// <summary>The transcendental functions of the overrides, on whole vectors.</summary>
internal static class SimdMath<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    /// <summary>
    /// eˣ to about 1 unit in the last place: x = n·ln 2 + r with |r| ≤ ½ ln 2 (ln 2 in two parts, Cody and Waite), then a
    /// polynomial of degree 6 (1, 1 and Chebyshev coefficients of (eʳ − 1 − r)/r²). Below −87.3 the result is flushed to 0, above 88.7 it is infinite; NaN stays NaN.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp(V x)
    {
        V clamped = S.Min(S.Max(x, S.Create(-87.33654f)), S.Create(88.72283f));
        V n = S.Round(S.Mul(clamped, S.Create(1.44269504f)));
        V r = S.Fma(n, S.Create(-0.693359375f), clamped);
        r = S.Fma(n, S.Create(2.12194440e-4f), r);
        V p = ExpReduced(r);

        // 2ⁿ in two halves, so that n = 128 does not overflow before the product does.
        V half = S.Round(S.Mul(n, S.Create(0.5f)));
        V y = S.ScaleByPowerOf2(S.ScaleByPowerOf2(p, half), S.Sub(n, half));
        y = S.IfGreater(S.Create(-87.33654f), x, S.Zero, y);
        return S.IfGreater(x, S.Create(88.72283f), S.Create(float.PositiveInfinity), y);
    }

    /// <summary>
    /// <see cref="Exp"/> for x that is not above 88, as in a softmax with its maximum subtracted: without the care that overflow
    /// needs. −∞ gives 0, NaN stays NaN.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ExpBelow88(V x)
    {
        V n = S.Round(S.Mul(x, S.Create(1.44269504f)));
        V r = S.Fma(n, S.Create(-0.693359375f), x);
        V y = S.ScaleByPowerOf2(ExpReduced(S.Fma(n, S.Create(2.12194440e-4f), r)), n);
        return S.IfGreater(S.Create(-87.33654f), x, S.Zero, y);
    }

    /// <summary>tanh x = 1 − 2/(e^{2x} + 1), by its odd series below 0.3 where that form cancels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Tanh(V x)
    {
        V a = S.Abs(x);
        V one = S.Create(1f);
        V e = Exp(S.Min(S.Add(a, a), S.Create(40f)));
        V large = S.Sub(one, S.Div(S.Create(2f), S.Add(e, one)));
        V q = S.Mul(a, a);
        V s = S.Create(62f / 2835f);
        s = S.Fma(s, q, S.Create(-17f / 315f));
        s = S.Fma(s, q, S.Create(2f / 15f));
        s = S.Fma(s, q, S.Create(-1f / 3f));
        V small = S.Fma(S.Mul(s, q), a, a);
        return S.CopySign(S.IfGreater(a, S.Create(0.3f), large, small), x);
    }

    /// <summary>
    /// The error function to about 2 units in the last place. Up to 0.92: x + x·P(x²), above: 1 − e^(−Q(x)), both polynomials from
    /// Chebyshev coefficients (of erf x/x − 1 in x², and of −log erfc x up to 4, where erf rounds to 1).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Erf(V x)
    {
        V a = S.Abs(x);
        V q = S.Mul(a, a);
        V p = S.Create(-6.01718144e-4f);
        p = S.Fma(p, q, S.Create(4.99862293e-3f));
        p = S.Fma(p, q, S.Create(-2.67705601e-2f));
        p = S.Fma(p, q, S.Create(1.12819329e-1f));
        p = S.Fma(p, q, S.Create(-3.76125067e-1f));
        p = S.Fma(p, q, S.Create(1.28379151e-1f));
        V small = S.Fma(p, a, a);
        V c = S.Min(a, S.Create(4f));
        V e = S.Create(-1.61290404e-6f);
        e = S.Fma(e, c, S.Create(4.55671398e-5f));
        e = S.Fma(e, c, S.Create(-5.92566386e-4f));
        e = S.Fma(e, c, S.Create(4.73924587e-3f));
        e = S.Fma(e, c, S.Create(-2.63618734e-2f));
        e = S.Fma(e, c, S.Create(1.09973118e-1f));
        e = S.Fma(e, c, S.Create(6.31942689e-1f));
        e = S.Fma(e, c, S.Create(1.13016331f));
        e = S.Fma(e, c, S.Create(-3.02380475e-4f));
        V large = S.Sub(S.Create(1f), Exp(S.Sub(S.Zero, e)));
        return S.CopySign(S.IfGreater(a, S.Create(0.92f), large, small), x);
    }

    // eʳ for |r| ≤ ½ ln 2.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ExpReduced(V r)
    {
        V p = S.Create(1.39337324e-3f);
        p = S.Fma(p, r, S.Create(8.36323574e-3f));
        p = S.Fma(p, r, S.Create(4.16664630e-2f));
        p = S.Fma(p, r, S.Create(1.66665763e-1f));
        p = S.Fma(p, r, S.Create(0.5f));
        return S.Fma(p, S.Mul(r, r), S.Add(r, S.Create(1f)));
    }
}
