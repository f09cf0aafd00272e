namespace Engine.Numerics;

/// <summary>
/// NF4, the 4-bit NormalFloat of Dettmers et al., "QLoRA", 2023: each block of elements is divided by its largest magnitude and
/// rounded to the nearest of 16 quantiles of a normal distribution scaled to [−1, 1], of which number 7 is 0. Layout: one code
/// (0 to 15) a byte, which <see cref="Pack"/> puts two in a byte; one float32 largest magnitude a block; the last block padded
/// with code 7.
/// </summary>
public static class NormalFloat4
{
    /// <summary>The paper's block size.</summary>
    public const int DefaultBlock = 64;

    private const string Format = "NormalFloat4";
    private const int Zero = 7;

    /// <summary>The 16 values, ascending (QLoRA, appendix E).</summary>
    public static ReadOnlySpan<float> Table =>
    [
        -1.0f, -0.6961928009986877f, -0.5250730514526367f, -0.39491748809814453f, -0.28444138169288635f, -0.18477343022823334f,
        -0.09105003625154495f, 0.0f, 0.07958029955625534f, 0.16093020141124725f, 0.24611230194568634f, 0.33791524171829224f,
        0.44070982933044434f, 0.5626170039176941f, 0.7229568362236023f, 1.0f,
    ];

    /// <summary>Quantises to one code a byte.</summary>
    /// <param name="values">Finite values.</param>
    /// <param name="block">Elements a block.</param>
    /// <param name="codes">One for each element of each block begun.</param>
    /// <param name="absmax">One for each block begun.</param>
    /// <exception cref="EngineException">A value is not finite or a length does not fit.</exception>
    public static void Quantize(ReadOnlySpan<float> values, int block, Span<byte> codes, Span<float> absmax)
    {
        int blocks = Lengths.Blocks(Format, values.Length, block);
        Lengths.Expect(Format, "codes", codes.Length, (long)blocks * block);
        Lengths.Expect(Format, "absmax", absmax.Length, blocks);
        codes.Fill(Zero);
        for (int k = 0; k < blocks; k++)
        {
            ReadOnlySpan<float> group = values.Slice(k * block, Lengths.OfBlock(k, block, values.Length));
            float largest = Lengths.LargestMagnitude(Format, group);
            absmax[k] = largest;
            for (int i = 0; i < group.Length; i++)
            {
                codes[(k * block) + i] = largest == 0f ? (byte)Zero : Nearest(group[i] / largest);
            }
        }
    }

    /// <summary>table[code]·absmax for every element of <paramref name="values"/>.</summary>
    /// <exception cref="EngineException">A length does not fit.</exception>
    public static void Dequantize(ReadOnlySpan<byte> codes, ReadOnlySpan<float> absmax, int block, Span<float> values)
    {
        int blocks = Lengths.Blocks(Format, values.Length, block);
        Lengths.Expect(Format, "codes", codes.Length, (long)blocks * block);
        Lengths.Expect(Format, "absmax", absmax.Length, blocks);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Table[codes[i] & 15] * absmax[i / block];
        }
    }

    /// <summary>Two codes a byte, the even one in the low half; an odd number leaves the last high half 0.</summary>
    /// <exception cref="EngineException">A length does not fit.</exception>
    public static void Pack(ReadOnlySpan<byte> codes, Span<byte> packed)
    {
        Lengths.Expect(Format, "packed", packed.Length, (codes.Length + 1L) / 2);
        packed.Clear();
        for (int i = 0; i < codes.Length; i++)
        {
            Nibbles.Set(packed, i, codes[i] & 15);
        }
    }

    /// <summary>The reverse of <see cref="Pack"/>.</summary>
    /// <exception cref="EngineException">A length does not fit.</exception>
    public static void Unpack(ReadOnlySpan<byte> packed, Span<byte> codes)
    {
        Lengths.Expect(Format, "packed", packed.Length, (codes.Length + 1L) / 2);
        for (int i = 0; i < codes.Length; i++)
        {
            codes[i] = (byte)Nibbles.Get(packed, i);
        }
    }

    // The number of midpoints between neighbours that lie below x.
    private static byte Nearest(float x)
    {
        int code = 0;
        while (code < 15 && x > (Table[code] + Table[code + 1]) / 2f)
        {
            code++;
        }

        return (byte)code;
    }
}
