using System.Runtime.InteropServices;

namespace Engine.Pretraining.Tokenizers;

/// <summary>
/// The tokens of pieces seen before, in whatever text: most pieces of a text are among a few thousand words. Memory is bounded:
/// pieces are short, and one that meets two others in its pair of slots replaces the older. Entries never change, and a slot
/// is written and read whole, so threads share it without a lock.
/// </summary>
internal sealed class PieceCache
{
    private const int SlotBits = 16;
    private const int Slots = 1 << SlotBits;

    /// <summary>Longer pieces are rare and have many tokens.</summary>
    private const int Longest = 64;

    /// <summary>Pieces up to this length are compared as two numbers.</summary>
    private const int Short = 8;

    private Entry?[]? _entries;

    /// <summary>Adds the tokens of the piece if they are known; if not, <paramref name="key"/> is for <see cref="Set"/>.</summary>
    public bool TryAdd(ReadOnlySpan<char> text, int start, int end, ref TokenList tokens, out Key key)
    {
        key = Key.Of(text, start, end - start);
        Entry?[] entries = _entries ??= new Entry?[Slots];
        int slot = key.Slot;
        Entry? entry = entries[slot];
        if (entry is null || !entry.Is(key, text[start..end]))
        {
            entry = entries[slot ^ 1];
            if (entry is null || !entry.Is(key, text[start..end]))
            {
                return false;
            }
        }

        if (entry.More is null)
        {
            tokens.Add(entry.First);
        }
        else
        {
            tokens.Add(entry.More);
        }

        return true;
    }

    /// <summary>Keeps the tokens of a piece.</summary>
    public void Set(in Key key, ReadOnlySpan<char> piece, ReadOnlySpan<int> tokens)
    {
        if (piece.Length <= Longest && tokens.Length > 0)
        {
            Entry?[] entries = _entries!;
            entries[key.Slot ^ 1] = entries[key.Slot];
            entries[key.Slot] = new Entry(key, piece.Length > Short ? piece.ToString() : null, tokens[0], tokens.Length > 1 ? tokens.ToArray() : null);
        }
    }

    /// <summary>A piece in two numbers: itself and its length if it is short, or else its hash and its length.</summary>
    internal readonly record struct Key(ulong Low, ulong High, int Length)
    {
        /// <summary>Where it is looked for first; the slot beside it is the other place.</summary>
        public int Slot => (int)(((Low * 0x9E3779B97F4A7C15) ^ ((High + (uint)Length) * 0xD6E8FEB86659FD93)) >> (64 - SlotBits));

        /// <summary>The key of a stretch of a text.</summary>
        public static Key Of(ReadOnlySpan<char> text, int start, int length)
        {
            ReadOnlySpan<char> piece = text.Slice(start, length);
            if (length > Short)
            {
                return new Key(Hash(piece), 0, length);
            }

            if (text.Length - start >= Short)
            {
                // Read beyond the piece and clear what is not of it.
                ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(text.Slice(start, Short));
                (ulong low, ulong high) = (MemoryMarshal.Read<ulong>(bytes), MemoryMarshal.Read<ulong>(bytes[8..]));
                return length <= 4
                    ? new Key(length == 4 ? low : low & ((1UL << (16 * length)) - 1), 0, length)
                    : new Key(low, length == 8 ? high : high & ((1UL << (16 * (length - 4))) - 1), length);
            }

            Span<char> whole = stackalloc char[Short];
            whole.Clear();
            piece.CopyTo(whole);
            ReadOnlySpan<ulong> numbers = MemoryMarshal.Cast<char, ulong>(whole);
            return new Key(numbers[0], numbers[1], length);
        }

        /// <summary>Multiply and shift over 8 bytes at a time (after wyhash: the high half of the product is folded in).</summary>
        private static ulong Hash(ReadOnlySpan<char> piece)
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

            return Mix(hash ^ tail);
        }

        private static ulong Mix(ulong value)
        {
            ulong high = Math.BigMul(value ^ 0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93, out ulong low);
            return high ^ low;
        }
    }

    private sealed class Entry(Key key, string? text, int first, int[]? more)
    {
        private readonly Key _key = key;

        public int First => first;

        public int[]? More => more;

        public bool Is(in Key key, ReadOnlySpan<char> piece) => _key.Low == key.Low && _key.High == key.High && _key.Length == key.Length
            && (text is null || piece.SequenceEqual(text));
    }
}
