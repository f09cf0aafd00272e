using System.Runtime.InteropServices;
using Engine.KernelLanguage;

namespace Engine.Serialization;

/// <summary>
/// Element types as the safetensors format names them and the blocks of GGUF, and their conversion to those of tensors: floats go to floats by way
/// of float32, rounded to nearest even; integers go to int32 and must fit.
/// </summary>
internal static class FileElements
{
    /// <summary>Bytes of one element of a type, or of one block of it (<see cref="GroupOf"/>); 0 for an unknown type.</summary>
    public static int SizeOf(string type) => type switch
    {
        "F64" or "I64" or "U64" => 8,
        "F32" or "I32" or "U32" => 4,
        "F16" or "BF16" or "I16" or "U16" => 2,
        "I8" or "U8" or "BOOL" or "F8_E4M3" or "F8_E5M2" => 1,
        _ => QuantBlocks.BytesOf(type),
    };

    /// <summary>Elements that a type keeps together: 1, or those of a block of GGUF's.</summary>
    public static int GroupOf(string type) => QuantBlocks.ElementsOf(type);

    /// <summary>Bytes of so many elements; −1 if they make no whole groups or are beyond any file.</summary>
    public static long BytesOf(string type, long count) =>
        count % GroupOf(type) == 0 && count / GroupOf(type) <= long.MaxValue / SizeOf(type) ? count / GroupOf(type) * SizeOf(type) : -1;

    /// <summary>The format's name of a tensor's type.</summary>
    public static string NameOf(DType dtype) => dtype switch
    {
        DType.Float32 => "F32",
        DType.BFloat16 => "BF16",
        DType.Float16 => "F16",
        _ => "I32",
    };

    /// <summary>The tensor type that holds a file type best; null where there is none.</summary>
    public static DType? Natural(string type) => type switch
    {
        "F64" or "F32" => DType.Float32,
        "F16" => DType.Float16,
        "BF16" => DType.BFloat16,
        "I64" or "U64" or "I32" or "U32" or "I16" or "U16" or "I8" or "U8" or "BOOL" => DType.Int32,
        _ => QuantBlocks.BytesOf(type) > 0 ? DType.Float32 : null,
    };

    /// <summary>Whether <see cref="Convert"/> takes a file type to a tensor type.</summary>
    public static bool Converts(string type, DType target) => target != DType.Int8 && Natural(type) is { } natural && natural.IsFloat() == target.IsFloat();

    /// <summary>Converts elements; <paramref name="to"/> has room for exactly as many as <paramref name="from"/> holds.</summary>
    /// <returns>The place of the first integer that int32 cannot hold, or −1.</returns>
    public static int Convert(string type, ReadOnlySpan<byte> from, DType target, Span<byte> to, Span<float> scratch)
    {
        if (NameOf(target) == type)
        {
            from.CopyTo(to);
            return -1;
        }

        if (!target.IsFloat())
        {
            return Integers(type, from, MemoryMarshal.Cast<byte, int>(to));
        }

        Span<float> wide = target == DType.Float32 ? MemoryMarshal.Cast<byte, float>(to) : scratch[..(to.Length / 2)];
        Widen(type, from, wide);
        switch (target)
        {
            case DType.BFloat16:
                Each(wide, MemoryMarshal.Cast<byte, BFloat16>(to), static x => (BFloat16)x);
                break;
            case DType.Float16:
                Each(wide, MemoryMarshal.Cast<byte, Half>(to), static x => (Half)x);
                break;
            default:
                break;
        }

        return -1;
    }

    private static void Widen(string type, ReadOnlySpan<byte> from, Span<float> to)
    {
        switch (type)
        {
            case "F64":
                Each(MemoryMarshal.Cast<byte, double>(from), to, static x => (float)x);
                break;
            case "F16":
                Each(MemoryMarshal.Cast<byte, Half>(from), to, static x => (float)x);
                break;
            case "BF16":
                Each(MemoryMarshal.Cast<byte, BFloat16>(from), to, static x => (float)x);
                break;
            case "F32":
                MemoryMarshal.Cast<byte, float>(from).CopyTo(to);
                break;
            default:
                QuantBlocks.Dequantize(type, from, to);
                break;
        }
    }

    private static int Integers(string type, ReadOnlySpan<byte> from, Span<int> to) => type switch
    {
        "I64" => Narrow(MemoryMarshal.Cast<byte, long>(from), to, static x => x),
        "U64" => Narrow(MemoryMarshal.Cast<byte, ulong>(from), to, static x => (long)Math.Min(x, long.MaxValue)),
        "U32" => Narrow(MemoryMarshal.Cast<byte, uint>(from), to, static x => x),
        "I16" => Narrow(MemoryMarshal.Cast<byte, short>(from), to, static x => x),
        "U16" => Narrow(MemoryMarshal.Cast<byte, ushort>(from), to, static x => x),
        "I8" => Narrow(MemoryMarshal.Cast<byte, sbyte>(from), to, static x => x),
        _ => Narrow(from, to, static x => x),
    };

    private static int Narrow<T>(ReadOnlySpan<T> from, Span<int> to, Func<T, long> widen)
    {
        for (int i = 0; i < from.Length; i++)
        {
            long value = widen(from[i]);
            to[i] = (int)value;
            if (to[i] != value)
            {
                return i;
            }
        }

        return -1;
    }

    private static void Each<TIn, TOut>(ReadOnlySpan<TIn> from, Span<TOut> to, Func<TIn, TOut> convert)
    {
        for (int i = 0; i < from.Length; i++)
        {
            to[i] = convert(from[i]);
        }
    }
}
