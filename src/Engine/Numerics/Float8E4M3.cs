namespace Engine.Numerics;

/// <summary>
/// float8 e4m3fn: exponent bias 7, largest value 448, no infinity, one NaN of each sign
/// (Micikevicius et al., "FP8 formats for deep learning", 2022). One byte: sign, 4 exponent bits, 3 mantissa bits.
/// </summary>
public static class Float8E4M3
{
    private const int MantissaBits = 3;
    private const int MinExponent = -6;
    private const int Largest = 0x7E;
    private const int NaN = 0x7F;

    /// <summary>The largest finite value, 448.</summary>
    public const float MaxValue = 448f;

    /// <summary>Rounds to nearest, ties to even; NaN becomes 0x7F with the sign.</summary>
    /// <param name="value">Any float32.</param>
    /// <param name="saturate">True: what is too large becomes ±<see cref="MaxValue"/>, infinity too. False: it becomes NaN.</param>
    public static byte FromSingle(float value, bool saturate = true)
    {
        int sign = float.IsNegative(value) ? 0x80 : 0;
        if (float.IsNaN(value))
        {
            return (byte)(sign | NaN);
        }

        int code = float.IsInfinity(value) ? Largest + 1 : MiniFloat.Encode(MathF.Abs(value), MantissaBits, MinExponent);
        return (byte)(sign | (code <= Largest ? code : saturate ? Largest : NaN));
    }

    /// <summary>The value of a byte, exact.</summary>
    public static float ToSingle(byte bits)
    {
        int code = bits & 0x7F;
        float magnitude = code == NaN ? float.NaN : MiniFloat.Decode(code, MantissaBits, MinExponent);
        return bits >= 0x80 ? -magnitude : magnitude;
    }

    /// <summary>Rounds every element; see <see cref="FromSingle"/>.</summary>
    /// <exception cref="EngineException">The lengths differ.</exception>
    public static void Quantize(ReadOnlySpan<float> values, Span<byte> target, bool saturate = true)
    {
        Lengths.Equal("Float8E4M3", values.Length, target.Length);
        for (int i = 0; i < values.Length; i++)
        {
            target[i] = FromSingle(values[i], saturate);
        }
    }

    /// <summary>Widens every element.</summary>
    /// <exception cref="EngineException">The lengths differ.</exception>
    public static void Dequantize(ReadOnlySpan<byte> source, Span<float> values)
    {
        Lengths.Equal("Float8E4M3", source.Length, values.Length);
        for (int i = 0; i < source.Length; i++)
        {
            values[i] = ToSingle(source[i]);
        }
    }
}
