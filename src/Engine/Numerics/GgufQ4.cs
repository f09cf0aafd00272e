using System.Buffers.Binary;

namespace Engine.Numerics;

/// <summary>
/// GGUF's q4_0, byte for byte as the GGML library writes it. A block of 32 elements is 18 bytes: float16 d = (the value of largest
/// magnitude, with its sign)/−8, little-endian, then 16 bytes whose low half is element i and whose high half is element i + 16,
/// each min(15, ⌊x·(1/d) + 8.5⌋), where 1/d is taken of the float32 d.
/// </summary>
internal static class GgufQ4
{
    /// <summary>Elements a block.</summary>
    public const int Block = 32;

    /// <summary>Bytes a block.</summary>
    public const int BlockBytes = 2 + (Block / 2);

    private const string Format = "GgufQ4";

    /// <summary>Quantises; the number of values is a multiple of 32.</summary>
    /// <exception cref="EngineException">A value is not finite or a length does not fit.</exception>
    public static void Quantize(ReadOnlySpan<float> values, Span<byte> target)
    {
        int blocks = GgufBlocks.Check(Format, values.Length, target.Length, BlockBytes);
        for (int k = 0; k < blocks; k++)
        {
            ReadOnlySpan<float> x = values.Slice(k * Block, Block);
            Span<byte> bytes = target.Slice(k * BlockBytes, BlockBytes);
            float d = Extreme(x) / -8f;
            float inverse = d == 0f ? 0f : 1f / d;
            BinaryPrimitives.WriteHalfLittleEndian(bytes, (Half)d);
            for (int i = 0; i < Block / 2; i++)
            {
                bytes[2 + i] = (byte)(Code(x[i] * inverse) | (Code(x[i + (Block / 2)] * inverse) << 4));
            }
        }
    }

    /// <summary>(q − 8)·d for every element.</summary>
    /// <exception cref="EngineException">A length does not fit.</exception>
    public static void Dequantize(ReadOnlySpan<byte> source, Span<float> values)
    {
        int blocks = GgufBlocks.Check(Format, values.Length, source.Length, BlockBytes);
        for (int k = 0; k < blocks; k++)
        {
            ReadOnlySpan<byte> bytes = source.Slice(k * BlockBytes, BlockBytes);
            Span<float> x = values.Slice(k * Block, Block);
            float d = (float)BinaryPrimitives.ReadHalfLittleEndian(bytes);
            for (int i = 0; i < Block / 2; i++)
            {
                x[i] = ((bytes[2 + i] & 15) - 8) * d;
                x[i + (Block / 2)] = ((bytes[2 + i] >> 4) - 8) * d;
            }
        }
    }

    private static int Code(float scaled) => Math.Min(15, (int)(scaled + 8.5f));

    // Of equal magnitudes the first decides the sign.
    private static float Extreme(ReadOnlySpan<float> x)
    {
        float extreme = 0f;
        foreach (float value in x)
        {
            extreme = MathF.Abs(Lengths.Finite(Format, value)) > MathF.Abs(extreme) ? value : extreme;
        }

        return extreme;
    }
}
