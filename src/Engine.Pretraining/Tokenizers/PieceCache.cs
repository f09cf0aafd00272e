using System.Runtime.InteropServices;

namespace Engine.Pretraining.Tokenizers;

/// <summary>
/// Where pieces of a text were seen before while that text is encoded, and where their tokens lie in what was encoded so
/// far. Holds neither text nor tokens, only positions: its memory is bounded whatever the text. A piece that meets another
/// in its slot replaces it.
/// </summary>
internal readonly ref struct PieceCache
{
    private const int MaxSlots = 1 << 15;
    private readonly ReadOnlySpan<char> _text;
    private readonly Slot[] _slots;

    public PieceCache(ReadOnlySpan<char> text)
    {
        _text = text;
        _slots = new Slot[Math.Min(MaxSlots, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)text.Length / 4 + 1))];
    }

    /// <summary>Adds the tokens of the piece if they are known.</summary>
    public bool TryRepeat(int start, int end, ref TokenList tokens, out int slot)
    {
        ReadOnlySpan<char> piece = _text[start..end];
        slot = (int)(Hash(piece) & (uint)(_slots.Length - 1));
        Slot seen = _slots[slot];
        if (seen.Length != piece.Length || !piece.SequenceEqual(_text.Slice(seen.Start, seen.Length)))
        {
            return false;
        }

        tokens.Repeat(seen.FirstToken, seen.TokenCount);
        return true;
    }

    /// <summary>Notes where a piece stands and which tokens, the last that were added, are its own.</summary>
    public void Set(int slot, int start, int end, int firstToken, in TokenList tokens) =>
        _slots[slot] = new Slot(start, end - start, firstToken, tokens.Count - firstToken);

    /// <summary>Multiply and shift over 8 bytes at a time (after wyhash: the high half of the product is folded in).</summary>
    private static uint Hash(ReadOnlySpan<char> piece)
    {
        ulong hash = (ulong)piece.Length;
        ReadOnlySpan<char> rest = piece;
        while (rest.Length >= 4)
        {
            hash = Mix(hash ^ MemoryMarshal.Read<ulong>(MemoryMarshal.AsBytes(rest)));
            rest = rest[4..];
        }

        ulong tail = 0;
        foreach (char c in rest)
        {
            tail = (tail << 16) | c;
        }

        return (uint)Mix(hash ^ tail);
    }

    private static ulong Mix(ulong value)
    {
        ulong high = Math.BigMul(value ^ 0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93, out ulong low);
        return high ^ low;
    }

    private readonly record struct Slot(int Start, int Length, int FirstToken, int TokenCount);
}
