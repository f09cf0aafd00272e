using System.Buffers.Binary;

namespace Engine.Numerics;

/// <summary>
/// GGUF's q8_0, byte for byte as the GGML library writes it. A block of 32 elements is 34 bytes: float16 d = max|x|/127,
/// little-endian, then 32 int8 x·(1/d), rounded half away from zero, where 1/d is taken of the float32 d.
/// </summary>
internal static class GgufQ8
{
    /// <summary>Elements a block.</summary>
    public const int Block = 32;

    /// <summary>Bytes a block.</summary>
    public const int BlockBytes = 2 + Block;

    private const string Format = "GgufQ8";

    /// <summary>Quantises; the number of values is a multiple of 32.</summary>
    /// <exception cref="EngineException">A value is not finite or a length does not fit.</exception>
    public static void Quantize(ReadOnlySpan<float> values, Span<byte> target)
    {
        int blocks = GgufBlocks.Check(Format, values.Length, target.Length, BlockBytes);
        for (int k = 0; k < blocks; k++)
        {
            ReadOnlySpan<float> x = values.Slice(k * Block, Block);
            Span<byte> bytes = target.Slice(k * BlockBytes, BlockBytes);
            float d = Lengths.LargestMagnitude(Format, x) / 127f;
            float inverse = d == 0f ? 0f : 1f / d;
            BinaryPrimitives.WriteHalfLittleEndian(bytes, (Half)d);
            for (int i = 0; i < Block; i++)
            {
                bytes[2 + i] = (byte)(sbyte)MathF.Round(x[i] * inverse, MidpointRounding.AwayFromZero);
            }
        }
    }

    /// <summary>q·d for every element.</summary>
    /// <exception cref="EngineException">A length does not fit.</exception>
    public static void Dequantize(ReadOnlySpan<byte> source, Span<float> values)
    {
        int blocks = GgufBlocks.Check(Format, values.Length, source.Length, BlockBytes);
        for (int k = 0; k < blocks; k++)
        {
            ReadOnlySpan<byte> bytes = source.Slice(k * BlockBytes, BlockBytes);
            float d = (float)BinaryPrimitives.ReadHalfLittleEndian(bytes);
            for (int i = 0; i < Block; i++)
            {
                values[(k * Block) + i] = (sbyte)bytes[2 + i] * d;
            }
        }
    }
}
