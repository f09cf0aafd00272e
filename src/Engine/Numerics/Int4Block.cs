namespace Engine.Numerics;

/// <summary>
/// Symmetric int4 over blocks of consecutive elements: scale = max|w|/7, q = w/scale rounded half to even, in [−7, 7]; a block
/// of zeros has scale 0. Layout: block/2 bytes a block, byte i = (q[2i] &amp; 15) | (q[2i + 1] &amp; 15) &lt;&lt; 4 in two's
/// complement, the last block padded with zeros; one float32 scale a block.
/// </summary>
public static class Int4Block
{
    private const string Format = "Int4Block";

    /// <summary>Quantises and packs.</summary>
    /// <param name="values">Finite values.</param>
    /// <param name="block">Elements a block, even.</param>
    /// <param name="packed">block/2 bytes for each block begun.</param>
    /// <param name="scales">One for each block begun.</param>
    /// <exception cref="EngineException">A value is not finite, the block is odd, or a length does not fit.</exception>
    public static void Quantize(ReadOnlySpan<float> values, int block, Span<byte> packed, Span<float> scales)
    {
        CheckLayout(values.Length, block, packed.Length, scales.Length);
        packed.Clear();
        for (int k = 0; k < scales.Length; k++)
        {
            ReadOnlySpan<float> group = values.Slice(k * block, Lengths.OfBlock(k, block, values.Length));
            float scale = Lengths.LargestMagnitude(Format, group) / 7f;
            scales[k] = scale;
            for (int i = 0; i < group.Length; i++)
            {
                int q = scale == 0f ? 0 : (int)Math.Clamp(MathF.Round(group[i] / scale), -7f, 7f);
                Nibbles.Set(packed, (k * block) + i, q & 15);
            }
        }
    }

    /// <summary>q·scale for every element.</summary>
    /// <exception cref="EngineException">The block is odd or a length does not fit.</exception>
    public static void Dequantize(ReadOnlySpan<byte> packed, ReadOnlySpan<float> scales, int block, Span<float> values)
    {
        CheckLayout(values.Length, block, packed.Length, scales.Length);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Element(packed, i) * scales[i / block];
        }
    }

    /// <summary>The integer of element <paramref name="i"/>, −7 to 7.</summary>
    public static int Element(ReadOnlySpan<byte> packed, int i) => (Nibbles.Get(packed, i) ^ 8) - 8;

    private static void CheckLayout(int count, int block, int packed, int scales)
    {
        int blocks = Lengths.Blocks(Format, count, block);
        if (block % 2 != 0)
        {
            throw new EngineException($"{Format}: block {block} is odd, and two elements share a byte.");
        }

        Lengths.Expect(Format, "packed", packed, (long)blocks * block / 2);
        Lengths.Expect(Format, "scales", scales, blocks);
    }
}
