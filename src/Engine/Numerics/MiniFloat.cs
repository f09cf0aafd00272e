namespace Engine.Numerics;

/// <summary>
/// The arithmetic that 8-bit floats share. A magnitude is a code: exponent field above <c>mantissaBits</c> mantissa bits, the
/// exponent field 0 for subnormals, so that consecutive codes are consecutive numbers.
/// </summary>
internal static class MiniFloat
{
    /// <summary>
    /// The code of a finite magnitude rounded to nearest, ties to even, as if the exponent had no upper limit: codes above the
    /// format's largest mean overflow.
    /// </summary>
    /// <param name="magnitude">Not negative, finite.</param>
    /// <param name="mantissaBits">Stored mantissa bits.</param>
    /// <param name="minExponent">The exponent of the smallest normal number.</param>
    public static int Encode(float magnitude, int mantissaBits, int minExponent)
    {
        int exponent = magnitude == 0f ? minExponent : Math.Max(minExponent, Math.ILogB(magnitude));

        // A float32 divided by a power of two is exact in float64, so there is one rounding. A carry out of the mantissa
        // moves on to the next exponent by itself, because the hidden bit is part of the count.
        int steps = (int)Math.Round(Math.ScaleB(magnitude, mantissaBits - exponent), MidpointRounding.ToEven);
        return ((exponent - minExponent) << mantissaBits) + steps;
    }

    /// <summary>The number a code stands for.</summary>
    public static float Decode(int code, int mantissaBits, int minExponent)
    {
        int field = code >> mantissaBits;
        int fraction = code & ((1 << mantissaBits) - 1);
        return field == 0
            ? MathF.ScaleB(fraction, minExponent - mantissaBits)
            : MathF.ScaleB(fraction + (1 << mantissaBits), field - 1 + minExponent - mantissaBits);
    }
}
