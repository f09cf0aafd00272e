using System.Buffers.Binary;

namespace Engine.Serialization;

/// <summary>
/// GGUF's blocks of quantised numbers, bit for bit as ggml lays them out (ggml-org/ggml, ggml-common.h and ggml-quants.c). d, dmin are fp16.
/// <list type="bullet">
/// <item>Q8_0: 32 numbers in 34 bytes: d, 32 × int8 q; x = d·q.</item>
/// <item>Q4_0: 32 numbers in 18 bytes: d, 16 bytes whose low nibbles are numbers 0 … 15 and high ones 16 … 31; x = d·(q − 8).</item>
/// <item>Q4_K: 256 numbers in 144 bytes: d, dmin, eight 6-bit scales s and minima m in 12 bytes, 128 bytes of nibbles; number of part j of 32:
/// x = d·s_j·q − dmin·m_j.</item>
/// </list>
/// Others are read and not written: <see cref="QuantReaders"/>.
/// </summary>
internal static class QuantBlocks
{
    private const int Parts = 8;
    private const int Part = 32;
    private const int Scales = 4;   // where the 6-bit numbers of Q4_K begin
    private const int Nibbles = 16; // where its quants begin

    /// <summary>Bytes of a block; 0 for a type that has none.</summary>
    public static int BytesOf(string type) => type switch
    {
        "Q4_0" => 18, "Q4_1" => 20, "Q5_0" => 22, "Q5_1" => 24, "Q8_0" => 34, "Q4_K" => 144, "Q5_K" => 176, "Q6_K" => 210, "Q8_K" => 292, _ => 0,
    };

    /// <summary>Numbers of a block; 1 for a type that has none.</summary>
    public static int ElementsOf(string type) => BytesOf(type) switch { 0 => 1, <= 34 => Part, _ => Parts * Part };

    /// <summary>Whether a type of blocks can be written; all can be read.</summary>
    public static bool Writes(string type) => type is "Q8_0" or "Q4_0" or "Q4_K";

    /// <summary>Whole blocks to float32.</summary>
    public static void Dequantize(string type, ReadOnlySpan<byte> from, Span<float> to)
    {
        (int bytes, int elements) = (BytesOf(type), ElementsOf(type));
        for (int i = 0; i < to.Length / elements; i++)
        {
            ReadOnlySpan<byte> block = from.Slice(i * bytes, bytes);
            Span<float> numbers = to.Slice(i * elements, elements);
            switch (type)
            {
                case "Q8_0":
                    ReadQ8(block, numbers);
                    break;
                case "Q4_0":
                    ReadQ4(block, numbers);
                    break;
                case "Q4_1":
                    QuantReaders.ReadSmall(block, numbers, fifth: false, minimum: true);
                    break;
                case "Q5_0":
                    QuantReaders.ReadSmall(block, numbers, fifth: true, minimum: false);
                    break;
                case "Q5_1":
                    QuantReaders.ReadSmall(block, numbers, fifth: true, minimum: true);
                    break;
                case "Q5_K":
                    QuantReaders.ReadQ5K(block, numbers);
                    break;
                case "Q6_K":
                    QuantReaders.ReadQ6K(block, numbers);
                    break;
                case "Q8_K":
                    QuantReaders.ReadQ8K(block, numbers);
                    break;
                default:
                    ReadQ4K(block, numbers);
                    break;
            }
        }
    }

    /// <summary>Float32 to whole blocks.</summary>
    public static void Quantize(string type, ReadOnlySpan<float> from, Span<byte> to)
    {
        (int bytes, int elements) = (BytesOf(type), ElementsOf(type));
        for (int i = 0; i < from.Length / elements; i++)
        {
            Span<byte> block = to.Slice(i * bytes, bytes);
            ReadOnlySpan<float> numbers = from.Slice(i * elements, elements);
            switch (type)
            {
                case "Q8_0":
                    WriteQ8(numbers, block);
                    break;
                case "Q4_0":
                    WriteQ4(numbers, block);
                    break;
                default:
                    WriteQ4K(numbers, block);
                    break;
            }
        }
    }

    private static void ReadQ8(ReadOnlySpan<byte> block, Span<float> to)
    {
        float d = (float)BinaryPrimitives.ReadHalfLittleEndian(block);
        for (int i = 0; i < Part; i++)
        {
            to[i] = d * (sbyte)block[2 + i];
        }
    }

    private static void WriteQ8(ReadOnlySpan<float> from, Span<byte> block)
    {
        float d = Largest(from) / 127f;
        float inverse = d == 0 ? 0 : 1 / d;
        BinaryPrimitives.WriteHalfLittleEndian(block, (Half)d);
        for (int i = 0; i < Part; i++)
        {
            block[2 + i] = (byte)(sbyte)MathF.Round(from[i] * inverse, MidpointRounding.AwayFromZero);
        }
    }

    private static void ReadQ4(ReadOnlySpan<byte> block, Span<float> to)
    {
        float d = (float)BinaryPrimitives.ReadHalfLittleEndian(block);
        for (int i = 0; i < Part / 2; i++)
        {
            to[i] = d * ((block[2 + i] & 15) - 8);
            to[i + (Part / 2)] = d * ((block[2 + i] >> 4) - 8);
        }
    }

    // The number of largest size becomes −8, which the code has and +8 has not.
    private static void WriteQ4(ReadOnlySpan<float> from, Span<byte> block)
    {
        float extreme = 0;
        foreach (float x in from)
        {
            extreme = MathF.Abs(x) > MathF.Abs(extreme) ? x : extreme;
        }

        float d = extreme / -8f;
        float inverse = d == 0 ? 0 : 1 / d;
        BinaryPrimitives.WriteHalfLittleEndian(block, (Half)d);
        for (int i = 0; i < Part / 2; i++)
        {
            int low = Math.Min(15, (int)((from[i] * inverse) + 8.5f));
            int high = Math.Min(15, (int)((from[i + (Part / 2)] * inverse) + 8.5f));
            block[2 + i] = (byte)(low | (high << 4));
        }
    }

    private static void ReadQ4K(ReadOnlySpan<byte> block, Span<float> to)
    {
        float d = (float)BinaryPrimitives.ReadHalfLittleEndian(block);
        float dmin = (float)BinaryPrimitives.ReadHalfLittleEndian(block[2..]);
        for (int j = 0; j < Parts; j++)
        {
            (int scale, int min) = SixBits(block[Scales..Nibbles], j);
            ReadOnlySpan<byte> bytes = block.Slice(Nibbles + (j / 2 * Part), Part);
            for (int i = 0; i < Part; i++)
            {
                int q = j % 2 == 0 ? bytes[i] & 15 : bytes[i] >> 4;
                to[(j * Part) + i] = (d * scale * q) - (dmin * min);
            }
        }
    }

    // Each part from its minimum (at most 0) to its maximum in 15 steps; steps and minima in 63 steps of the block's largest.
    private static void WriteQ4K(ReadOnlySpan<float> from, Span<byte> block)
    {
        Span<float> steps = stackalloc float[Parts];
        Span<float> minima = stackalloc float[Parts];
        for (int j = 0; j < Parts; j++)
        {
            (float least, float greatest) = (0, 0);
            foreach (float x in from.Slice(j * Part, Part))
            {
                (least, greatest) = (MathF.Min(least, x), MathF.Max(greatest, x));
            }

            (steps[j], minima[j]) = ((greatest - least) / 15, -least);
        }

        block.Clear();
        Half d = (Half)(Largest(steps) / 63);
        Half dmin = (Half)(Largest(minima) / 63);
        BinaryPrimitives.WriteHalfLittleEndian(block, d);
        BinaryPrimitives.WriteHalfLittleEndian(block[2..], dmin);
        for (int j = 0; j < Parts; j++)
        {
            int scale = Nearest(steps[j], (float)d, 63);
            int min = Nearest(minima[j], (float)dmin, 63);
            SetSixBits(block[Scales..Nibbles], j, scale, min);
            Span<byte> bytes = block.Slice(Nibbles + (j / 2 * Part), Part);
            for (int i = 0; i < Part; i++)
            {
                int q = Nearest(from[(j * Part) + i] + ((float)dmin * min), (float)d * scale, 15);
                bytes[i] |= (byte)(j % 2 == 0 ? q : q << 4);
            }
        }
    }

    // Parts 0 … 3 have bytes of their own; the upper two bits of those hold what parts 4 … 7 lack.
    internal static (int Scale, int Min) SixBits(ReadOnlySpan<byte> packed, int j) => j < 4
        ? (packed[j] & 63, packed[j + 4] & 63)
        : ((packed[j + 4] & 15) | (packed[j - 4] >> 6 << 4), (packed[j + 4] >> 4) | (packed[j] >> 6 << 4));

    private static void SetSixBits(Span<byte> packed, int j, int scale, int min)
    {
        if (j < 4)
        {
            packed[j] |= (byte)scale;
            packed[j + 4] |= (byte)min;
            return;
        }

        packed[j + 4] |= (byte)((scale & 15) | ((min & 15) << 4));
        packed[j - 4] |= (byte)(scale >> 4 << 6);
        packed[j] |= (byte)(min >> 4 << 6);
    }

    private static int Nearest(float x, float step, int most) => step == 0 ? 0 : (int)Math.Clamp(MathF.Round(x / step), 0, most);

    private static float Largest(ReadOnlySpan<float> values)
    {
        float most = 0;
        foreach (float x in values)
        {
            most = MathF.Max(most, MathF.Abs(x));
        }

        return most;
    }
}
