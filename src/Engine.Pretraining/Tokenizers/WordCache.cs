using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Engine.Pretraining.Tokenizers;

/// <summary>
/// The one or two tokens of short ASCII pieces, which most pieces of most texts are: a piece is a number, and so are its tokens, side
/// by side in one table. A slot that is taken stays as it is, so threads share it without a lock; what finds none is for
/// <see cref="PieceCache"/>.
/// </summary>
internal sealed class WordCache
{
    /// <summary>The most characters of a piece.</summary>
    public const int Longest = 8;

    private const int SlotBits = 15;
    private const ulong Taken = 1;
    private ulong[]? _slots;

    /// <summary>
    /// The piece as a number, a byte a character, of which the last has its highest bit set; 0 if it is longer, not ASCII or too close to
    /// the end of the text.
    /// </summary>
    public static ulong Key(ReadOnlySpan<char> text, int start, int end)
    {
        int length = end - start;
        if (length > Longest || text.Length - start < Longest)
        {
            return 0;
        }

        Vector128<ushort> characters = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(MemoryMarshal.Cast<char, ushort>(text)), (nuint)start);
        ulong bytes = Vector128.NarrowWithSaturation(characters, characters).AsUInt64().ToScalar() & (ulong.MaxValue >> (8 * (Longest - length)));
        return (bytes & 0x8080808080808080) == 0 ? bytes | (0x80UL << (8 * (length - 1))) : 0;
    }

    /// <summary>The tokens of a piece: one or two, the first in the lower half, −1 in the upper half if it is the only one.</summary>
    public bool TryGet(ulong key, out long tokens)
    {
        ulong[] slots = _slots ??= new ulong[2 << SlotBits];
        int slot = Slot(key);
        if (Volatile.Read(ref slots[slot]) != key && Volatile.Read(ref slots[slot ^= 2]) != key)
        {
            tokens = 0;
            return false;
        }

        tokens = (long)slots[slot + 1];
        return true;
    }

    /// <summary>Keeps the tokens of a piece if they are two at most and there is room.</summary>
    public void Set(ulong key, ReadOnlySpan<int> tokens)
    {
        if (tokens.Length is 0 or > 2)
        {
            return;
        }

        ulong[] slots = _slots!;
        int slot = Slot(key);
        slot = slots[slot] == 0 ? slot : slot ^ 2;
        if (Interlocked.CompareExchange(ref slots[slot], Taken, 0) == 0)
        {
            slots[slot + 1] = (uint)tokens[0] | ((ulong)(uint)(tokens.Length > 1 ? tokens[1] : -1) << 32);
            Volatile.Write(ref slots[slot], key);
        }
    }

    // Multiplicative hashing; no key is Taken, since the last byte of a key is at least 128.
    private static int Slot(ulong key) => (int)((key * 0x9E3779B97F4A7C15) >> (64 - SlotBits)) << 1;
}
