namespace Engine.Numerics;

/// <summary>Two 4-bit codes in a byte: the even element in the low half, the odd one in the high half.</summary>
internal static class Nibbles
{
    /// <summary>Writes element <paramref name="i"/> into memory that holds 0 there.</summary>
    public static void Set(Span<byte> packed, int i, int code) => packed[i / 2] |= (byte)(code << (4 * (i % 2)));

    /// <summary>Element <paramref name="i"/>, 0 to 15.</summary>
    public static int Get(ReadOnlySpan<byte> packed, int i) => (packed[i / 2] >> (4 * (i % 2))) & 15;
}
