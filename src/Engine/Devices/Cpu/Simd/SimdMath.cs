using System.Runtime.CompilerServices;

namespace Engine;

/// <summary>The transcendental functions of the overrides, on whole vectors.</summary>
internal static class SimdMath<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    /// <summary>
    /// eˣ to about 1 unit in the last place: x = n·ln 2 + r with |r| ≤ ½ ln 2 (ln 2 in two parts, Cody and Waite), then a
    /// polynomial of degree 6 (1, 1 and Chebyshev coefficients of (eʳ − 1 − r)/r²), or by sixteenths with a table where there is one. Above 88.7 it is infinite, below −87.3 the result may be flushed to 0; NaN stays NaN.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp(V x)
    {
        if (S.ScalesPastRange)
        {
            V inside = S.Min(S.Create(89f), S.Max(S.Create(-104f), x));
            return ExpInside(inside);
        }

        V clamped = S.Min(S.Create(88.72283f), S.Max(S.Create(-87.33654f), x));
        V p = Mantissa(clamped, out V n);

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
    public static V ExpBelow88(V x) => S.ScalesPastRange
        ? ExpInside(S.Max(S.Create(-104f), x))
        : S.IfGreater(S.Create(-87.33654f), x, S.Zero, ExpInside(x));

    /// <summary>
    /// 2ᵗ to 2 units in the last place: n + r with |r| ≤ ½, then a polynomial of degree 5 (minimax of the relative error, 1 at 0). Above 127
    /// it may be infinite already, which saves the second half of a scaling; below −126 it may be flushed to 0; NaN stays NaN.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp2(V t)
    {
        if (S.ScalesPastRange)
        {
            return Exp2Inside(S.Min(S.Create(150f), S.Max(S.Create(-151f), t)));
        }

        V y = Exp2Inside(S.Min(S.Create(127f), S.Max(S.Create(-126f), t)));
        y = S.IfGreater(S.Create(-126f), t, S.Zero, y);
        return S.IfGreater(t, S.Create(127f), S.Create(float.PositiveInfinity), y);
    }

    /// <summary><see cref="Exp2"/> for −126 ≤ t ≤ 127; NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp2Inside(V t)
    {
        V n = S.Round(t);
        V r = S.Sub(t, n);
        V p = S.Create(1.32646027e-3f);
        p = S.Fma(p, r, S.Create(9.67161916e-3f));
        p = S.Fma(p, r, S.Create(5.55073507e-2f));
        p = S.Fma(p, r, S.Create(2.40222409e-1f));
        p = S.Fma(p, r, S.Create(6.93147004e-1f));
        return S.ScaleByPowerOf2(S.Fma(p, r, S.Create(1f)), n);
    }

    /// <summary>tanh x = 1 − 2/(e^{2x} + 1), by its odd series below 0.3 where that form cancels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Tanh(V x)
    {
        V a = S.Abs(x);
        V one = S.Create(1f);
        V e = ExpInside(S.Min(S.Create(40f), S.Add(a, a)));
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
    /// The normal distribution's Φ(x) = ½(1 + erf(x/√2)), by Φ(−a) = 2^(−Q(a)) for a ≥ 0 with a polynomial of degree 10 (minimax up to
    /// a = 6, of the error in Φ; beyond, Q only has to grow). Above 0 it is 1 − Φ(−x), so neither side cancels.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Phi(V x)
    {
        V a = S.Abs(x);
        V q = S.Create(-2.84894881e-8f);
        q = S.Fma(q, a, S.Create(8.52550954e-7f));
        q = S.Fma(q, a, S.Create(-1.09114326e-5f));
        q = S.Fma(q, a, S.Create(7.60859766e-5f));
        q = S.Fma(q, a, S.Create(-2.77805375e-4f));
        q = S.Fma(q, a, S.Create(-5.8577416e-6f));
        q = S.Fma(q, a, S.Create(6.95713377e-3f));
        q = S.Fma(q, a, S.Create(-5.24504222e-2f));
        q = S.Fma(q, a, S.Create(-4.59217101e-1f));
        q = S.Fma(q, a, S.Create(-1.15110469f));
        q = S.Fma(q, a, S.Create(-1f));
        V tail = S.ScalesPastRange
            ? Exp2Inside(S.Max(S.Create(-151f), q))
            : S.IfGreater(S.Create(-126f), q, S.Zero, Exp2Inside(S.Max(S.Create(-126f), q)));
        return S.IfGreater(x, S.Zero, S.Sub(S.Create(1f), tail), tail);
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
        V large = S.Sub(S.Create(1f), ExpInside(S.Sub(S.Zero, e)));
        return S.CopySign(S.IfGreater(a, S.Create(0.92f), large, small), x);
    }

    // eˣ for −87.3 ≤ x ≤ 88, or any x up to there where the scaling underflows by itself.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ExpInside(V x) => S.ScalesPastRange ? ExpBySixteenths(x) : S.ScaleByPowerOf2(Mantissa(x, out V n), n);

    // x = n·ln 2 + r with n a multiple of 1/16, left by an addition that has no room for more: a table has the power of 2 of its
    // fraction, and for |r| ≤ ln 2/32 three terms of the series of eʳ − 1 are exact to a twelfth of the last place.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ExpBySixteenths(V x)
    {
        V shift = S.Create(1.5f * (1 << 19));
        V bits = S.Fma(x, S.Create(1.44269504f), shift);
        V n = S.Sub(bits, shift);
        V r = S.Fma(n, S.Create(-0.693359375f), x);
        r = S.Fma(n, S.Create(2.12194440e-4f), r);
        V q = S.Fma(S.Fma(r, S.Create(1f / 6f), S.Create(0.5f)), r, S.Create(1f));
        V t = S.PowerOf2Sixteenths(bits);
        return S.ScaleByPowerOf2(S.Fma(q, S.Mul(t, r), t), n);
    }

    // eˣ = p·2ⁿ with 0.7 < p < 1.42.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Mantissa(V x, out V n)
    {
        n = S.Round(S.Mul(x, S.Create(1.44269504f)));
        V r = S.Fma(n, S.Create(-0.693359375f), x);
        r = S.Fma(n, S.Create(2.12194440e-4f), r);
        V p = S.Create(1.39337324e-3f);
        p = S.Fma(p, r, S.Create(8.36323574e-3f));
        p = S.Fma(p, r, S.Create(4.16664630e-2f));
        p = S.Fma(p, r, S.Create(1.66665763e-1f));
        p = S.Fma(p, r, S.Create(0.5f));
        return S.Fma(p, S.Mul(r, r), S.Add(r, S.Create(1f)));
    }
}
