using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace Engine.Pretraining.Tokenizers.Normalization;

/// <summary>
/// SentencePiece's table of replacements (precompiled_charsmap: NFKC and the like): always the longest known beginning of what
/// is left is replaced. The table is the size of a trie, the trie, and the replacements, each ended by a zero; the trie is
/// Darts-clone's double array, whose unit holds a label, the way to its children and whether a value is among them.
/// </summary>
internal sealed record Precompiled : Normalizer
{
    /// <summary>No replacement is so long; NFKC's longest has 33 bytes.</summary>
    private const int MostBytes = 512;

    private readonly byte[] _map;
    private readonly uint[] _units;
    private readonly byte[] _values;

    /// <param name="name">The file, for messages.</param>
    /// <param name="map">The table.</param>
    /// <exception cref="EngineException">It is cut off or contradicts itself.</exception>
    public Precompiled(string name, byte[] map)
    {
        uint size = map.Length >= 4 ? BinaryPrimitives.ReadUInt32LittleEndian(map) : 0;
        if (size == 0 || size % 4 != 0 || size > map.Length - 4)
        {
            throw new EngineException($"{name}: the table of replacements (precompiled_charsmap) of {map.Length} bytes says that its trie has {size}; it is cut off or damaged.");
        }

        _map = map;
        _units = new uint[size / 4];
        for (int i = 0; i < _units.Length; i++)
        {
            _units[i] = BinaryPrimitives.ReadUInt32LittleEndian(map.AsSpan(4 + (4 * i)));
        }

        _values = map[(4 + (int)size)..];
    }

    /// <inheritdoc/>
    public override void Apply(AlignedText source, AlignedText target)
    {
        ReadOnlySpan<char> text = source.Text;
        byte[] bytes = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, bytes);
        char[] made = new char[MostBytes];
        for (int at = 0, i = 0; i < text.Length;)
        {
            (int length, int value) = Longest(bytes.AsSpan(at));
            int end = i;
            int taken = 0;

            // A replacement always ends with a whole character; a character without one stays.
            do
            {
                Rune.DecodeFromUtf16(text[end..], out Rune rune, out int width);
                end += width;
                taken += rune.Utf8SequenceLength;
            }
            while (taken < length);

            ReadOnlySpan<byte> replacement = _values.AsSpan(value, Math.Min(MostBytes, _values.Length - value));
            int zero = length > 0 ? replacement.IndexOf((byte)0) : -1;
            if (zero < 0)
            {
                target.Copy(source, i, end);
            }
            else
            {
                int count = Encoding.UTF8.GetChars(replacement[..zero], made);
                if (text[i..end].SequenceEqual(made.AsSpan(0, count)))
                {
                    target.Copy(source, i, end);
                }
                else
                {
                    target.Put(made.AsSpan(0, count), source, i, end);
                }
            }

            i = end;
            at += taken;
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer)
    {
        Begin(writer, "Precompiled");
        writer.WriteBase64String("precompiled_charsmap", _map);
        writer.WriteEndObject();
    }

    /// <summary>How many bytes the longest known beginning has, 0 if none is known, and where its replacement stands.</summary>
    private (int Length, int Value) Longest(ReadOnlySpan<byte> text)
    {
        (int Length, int Value) best = default;
        uint node = Offset(_units[0]);
        for (int i = 0; i < text.Length; i++)
        {
            node ^= text[i];
            if (node >= _units.Length || (_units[node] & 0x800000FF) != text[i])
            {
                break;
            }

            uint unit = _units[node];
            node ^= Offset(unit);
            if ((unit & 0x100) != 0 && node < _units.Length)
            {
                uint value = _units[node] & 0x7FFFFFFF;
                best = value < _values.Length ? (i + 1, (int)value) : best;
            }
        }

        return best;
    }

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & 0x200) >> 6);
}
