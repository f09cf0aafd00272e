namespace Engine.Numerics;

/// <summary>
/// float8 e5m2: exponent bias 15, largest value 57344, infinities and NaN as in IEEE 754
/// (Micikevicius et al., "FP8 formats for deep learning", 2022). One byte: sign, 5 exponent bits, 2 mantissa bits.
/// </summary>
public static class Float8E5M2
{
    private const int MantissaBits = 2;
    private const int MinExponent = -14;
    private const int Largest = 0x7B;
    private const int Infinity = 0x7C;
    private const int NaN = 0x7F;

    /// <summary>The largest finite value, 57344.</summary>
    public const float MaxValue = 57344f;

    /// <summary>Rounds to nearest, ties to even; NaN becomes 0x7F with the sign.</summary>
    /// <param name="value">Any float32.</param>
    /// <param name="saturate">True: what is too large becomes ±<see cref="MaxValue"/>, infinity too. False: it becomes infinity.</param>
    public static byte FromSingle(float value, bool saturate = true)
    {
        int sign = float.IsNegative(value) ? 0x80 : 0;
        if (float.IsNaN(value))
        {
            return (byte)(sign | NaN);
        }

        int code = float.IsInfinity(value) ? Largest + 1 : MiniFloat.Encode(MathF.Abs(value), MantissaBits, MinExponent);
        return (byte)(sign | (code <= Largest ? code : saturate ? Largest : Infinity));
    }

    /// <summary>The value of a byte, exact.</summary>
    public static float ToSingle(byte bits)
    {
        int code = bits & 0x7F;
        float magnitude = code > Infinity ? float.NaN
            : code == Infinity ? float.PositiveInfinity
            : MiniFloat.Decode(code, MantissaBits, MinExponent);
        return bits >= 0x80 ? -magnitude : magnitude;
    }

    /// <summary>Rounds every element; see <see cref="FromSingle"/>.</summary>
    /// <exception cref="EngineException">The lengths differ.</exception>
    public static void Quantize(ReadOnlySpan<float> values, Span<byte> target, bool saturate = true)
    {
        Lengths.Equal("Float8E5M2", values.Length, target.Length);
        for (int i = 0; i < values.Length; i++)
        {
            target[i] = FromSingle(values[i], saturate);
        }
    }

    /// <summary>Widens every element.</summary>
    /// <exception cref="EngineException">The lengths differ.</exception>
    public static void Dequantize(ReadOnlySpan<byte> source, Span<float> values)
    {
        Lengths.Equal("Float8E5M2", source.Length, values.Length);
        for (int i = 0; i < source.Length; i++)
        {
            values[i] = ToSingle(source[i]);
        }
    }
}
