namespace Engine.Numerics;

/// <summary>
/// IEEE 754 half precision as bits in spans: 5 exponent bits and 10 mantissa bits, largest value 65504.
/// </summary>
public static class Float16Bits
{
    /// <summary>Rounds every element to nearest, ties to even; beyond the largest value to infinity; NaN stays NaN.</summary>
    /// <exception cref="EngineException">The lengths differ.</exception>
    public static void Quantize(ReadOnlySpan<float> values, Span<ushort> target)
    {
        Lengths.Equal("Float16Bits", values.Length, target.Length);
        for (int i = 0; i < values.Length; i++)
        {
            target[i] = BitConverter.HalfToUInt16Bits((Half)values[i]);
        }
    }

    /// <summary>Widens every element, exactly.</summary>
    /// <exception cref="EngineException">The lengths differ.</exception>
    public static void Dequantize(ReadOnlySpan<ushort> source, Span<float> values)
    {
        Lengths.Equal("Float16Bits", source.Length, values.Length);
        for (int i = 0; i < source.Length; i++)
        {
            values[i] = (float)BitConverter.UInt16BitsToHalf(source[i]);
        }
    }
}
