using System.Buffers.Binary;

namespace Engine.Serialization;

/// <summary>
/// Blocks of GGUF that are read and not written (ggml-org/ggml, ggml-common.h and ggml-quants.c). d, m, dmin are fp16 unless it says otherwise.
/// <list type="bullet">
/// <item>Q4_1: 32 numbers in 20 bytes: d, m, nibbles as Q4_0; x = d·q + m.</item>
/// <item>Q5_0: 32 numbers in 22 bytes: d, 4 bytes with the fifth bits of numbers 0 … 31, nibbles as Q4_0; x = d·(q − 16).</item>
/// <item>Q5_1: 32 numbers in 24 bytes: d, m, fifth bits, nibbles; x = d·q + m.</item>
/// <item>Q5_K: 256 numbers in 176 bytes: as Q4_K with 32 bytes before the nibbles, whose byte i holds the fifth bits of number i of each part, the
/// lowest bit that of part 0.</item>
/// <item>Q6_K: 256 numbers in 210 bytes: 128 bytes of low halves, 64 of upper pairs of bits, 16 int8 scales s, d; in each half of 128 numbers, parts
/// 0 … 3 of 32 have low nibbles of bytes 0 … 31 and 32 … 63 and high nibbles of the same, and the pairs of one byte in this order;
/// x = d·s·(q − 32), a scale for 16 numbers.</item>
/// <item>Q8_K: 256 numbers in 292 bytes: d as float32, 256 × int8 q, sums that are not needed; x = d·q.</item>
/// </list>
/// </summary>
internal static class QuantReaders
{
    private const int Part = 32;

    /// <summary>Q4_1, Q5_0 and Q5_1: nibbles with or without a fifth bit, from a minimum or around zero.</summary>
    public static void ReadSmall(ReadOnlySpan<byte> block, Span<float> to, bool fifth, bool minimum)
    {
        float d = Half(block);
        float m = minimum ? Half(block[2..]) : 0f;
        ReadOnlySpan<byte> rest = block[(minimum ? 4 : 2)..];
        uint bits = fifth ? BinaryPrimitives.ReadUInt32LittleEndian(rest) : 0;
        ReadOnlySpan<byte> nibbles = rest[(fifth ? 4 : 0)..];
        int zero = minimum ? 0 : 16;
        for (int i = 0; i < Part; i++)
        {
            int low = i < Part / 2 ? nibbles[i] & 15 : nibbles[i - (Part / 2)] >> 4;
            int q = low | ((int)(bits >> i & 1) << 4);
            to[i] = (d * (q - zero)) + m;
        }
    }

    /// <summary>Q5_K.</summary>
    public static void ReadQ5K(ReadOnlySpan<byte> block, Span<float> to)
    {
        (float d, float dmin) = (Half(block), Half(block[2..]));
        ReadOnlySpan<byte> fifth = block.Slice(16, Part);
        for (int j = 0; j < 8; j++)
        {
            (int scale, int min) = QuantBlocks.SixBits(block[4..16], j);
            ReadOnlySpan<byte> nibbles = block.Slice(48 + (j / 2 * Part), Part);
            for (int i = 0; i < Part; i++)
            {
                int q = (j % 2 == 0 ? nibbles[i] & 15 : nibbles[i] >> 4) | ((fifth[i] >> j & 1) << 4);
                to[(j * Part) + i] = (d * scale * q) - (dmin * min);
            }
        }
    }

    /// <summary>Q6_K.</summary>
    public static void ReadQ6K(ReadOnlySpan<byte> block, Span<float> to)
    {
        ReadOnlySpan<byte> scales = block.Slice(192, 16);
        float d = Half(block[208..]);
        for (int i = 0; i < to.Length; i++)
        {
            (int half, int part, int at) = (i / 128, i % 128 / Part, i % Part);
            int low = block[(64 * half) + (Part * (part % 2)) + at] >> (part < 2 ? 0 : 4) & 15;
            int upper = block[128 + (Part * half) + at] >> (2 * part) & 3;
            to[i] = d * (sbyte)scales[i / 16] * ((low | (upper << 4)) - 32);
        }
    }

    /// <summary>Q8_K.</summary>
    public static void ReadQ8K(ReadOnlySpan<byte> block, Span<float> to)
    {
        float d = BinaryPrimitives.ReadSingleLittleEndian(block);
        for (int i = 0; i < to.Length; i++)
        {
            to[i] = d * (sbyte)block[4 + i];
        }
    }

    private static float Half(ReadOnlySpan<byte> at) => (float)BinaryPrimitives.ReadHalfLittleEndian(at);
}
