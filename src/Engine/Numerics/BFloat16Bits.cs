using Engine.KernelLanguage;

namespace Engine.Numerics;

/// <summary>
/// bfloat16 as bits in spans: the upper half of a float32, 8 exponent bits and 7 mantissa bits.
/// </summary>
public static class BFloat16Bits
{
    /// <summary>Rounds every element to nearest, ties to even; a NaN keeps its top payload bits and becomes quiet.</summary>
    /// <exception cref="EngineException">The lengths differ.</exception>
    public static void Quantize(ReadOnlySpan<float> values, Span<ushort> target)
    {
        Lengths.Equal("BFloat16Bits", values.Length, target.Length);
        for (int i = 0; i < values.Length; i++)
        {
            target[i] = ((BFloat16)values[i]).Bits;
        }
    }

    /// <summary>Drops the lower half of every element, which some older files did: biased towards zero. NaN as in <see cref="Quantize"/>.</summary>
    /// <exception cref="EngineException">The lengths differ.</exception>
    public static void Truncate(ReadOnlySpan<float> values, Span<ushort> target)
    {
        Lengths.Equal("BFloat16Bits", values.Length, target.Length);
        for (int i = 0; i < values.Length; i++)
        {
            int quiet = float.IsNaN(values[i]) ? 0x40 : 0;
            target[i] = (ushort)((BitConverter.SingleToUInt32Bits(values[i]) >> 16) | (uint)quiet);
        }
    }

    /// <summary>Widens every element, exactly.</summary>
    /// <exception cref="EngineException">The lengths differ.</exception>
    public static void Dequantize(ReadOnlySpan<ushort> source, Span<float> values)
    {
        Lengths.Equal("BFloat16Bits", source.Length, values.Length);
        for (int i = 0; i < source.Length; i++)
        {
            values[i] = (float)new BFloat16(source[i]);
        }
    }
}
