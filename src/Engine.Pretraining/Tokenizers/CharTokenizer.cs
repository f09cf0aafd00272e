using System.Text;
using System.Text.Json;

namespace Engine.Pretraining.Tokenizers;

/// <summary>
/// Characters (Unicode scalar values) as tokens; the vocabulary is the sorted set of those of a corpus, as in nanoGPT's
/// shakespeare_char. tinyshakespeare has V = 65.
/// </summary>
public sealed class CharTokenizer : ITokenizer
{
    private readonly Rune[] _characters;
    private readonly Dictionary<int, int> _ids;

    internal CharTokenizer(Rune[] sorted)
    {
        _characters = sorted;
        _ids = new Dictionary<int, int>(sorted.Length);
        for (int id = 0; id < sorted.Length; id++)
        {
            _ids.Add(sorted[id].Value, id);
        }
    }

    /// <inheritdoc/>
    public string Kind => "char";

    /// <inheritdoc/>
    public int VocabSize => _characters.Length;

    /// <summary>The vocabulary of the distinct characters of <paramref name="text"/>.</summary>
    /// <exception cref="EngineException">The text is empty or not valid Unicode.</exception>
    public static CharTokenizer FromText(ReadOnlySpan<char> text)
    {
        HashSet<Rune> seen = [];
        for (int i = 0; i < text.Length;)
        {
            seen.Add(RuneAt(text, i, out int width));
            i += width;
        }

        return seen.Count > 0
            ? new CharTokenizer([.. seen.Order()])
            : throw new EngineException("char tokenizer: the text is empty, so there is no vocabulary.");
    }

    /// <inheritdoc/>
    public int[] Encode(ReadOnlySpan<char> text)
    {
        int[] tokens = new int[text.Length];
        int count = 0;
        for (int i = 0; i < text.Length;)
        {
            Rune character = RuneAt(text, i, out int width);
            if (!_ids.TryGetValue(character.Value, out tokens[count]))
            {
                throw new EngineException(
                    $"char tokenizer: the character {Describe(character)} at position {i} is not in the vocabulary of {VocabSize} characters.");
            }

            count++;
            i += width;
        }

        Array.Resize(ref tokens, count);
        return tokens;
    }

    /// <inheritdoc/>
    public TokenSpan[] EncodeSpans(ReadOnlySpan<char> text)
    {
        int at = 0;
        return Array.ConvertAll(Encode(text), id =>
        {
            int start = at;
            at += _characters[id].Utf16SequenceLength;
            return new TokenSpan(id, start, at - start);
        });
    }

    /// <inheritdoc/>
    public string Decode(ReadOnlySpan<int> tokens)
    {
        StringBuilder text = new(tokens.Length);
        for (int i = 0; i < tokens.Length; i++)
        {
            text.Append((uint)tokens[i] < (uint)_characters.Length
                ? _characters[tokens[i]]
                : throw new EngineException($"char tokenizer: token {tokens[i]} at position {i} is not in the vocabulary of {VocabSize} characters."));
        }

        return text.ToString();
    }

    /// <inheritdoc/>
    public void WriteProperties(Utf8JsonWriter writer)
    {
        TokenizerFile.WriteKind(writer, Kind);
        StringBuilder characters = new();
        foreach (Rune character in _characters)
        {
            characters.Append(character);
        }

        writer.WriteString("characters", characters.ToString());
    }

    private static Rune RuneAt(ReadOnlySpan<char> text, int index, out int width) =>
        Rune.DecodeFromUtf16(text[index..], out Rune rune, out width) == System.Buffers.OperationStatus.Done
            ? rune
            : throw new EngineException($"char tokenizer: the text has half a surrogate pair (U+{(int)text[index]:X4}) at position {index}; it is not valid Unicode.");

    private static string Describe(Rune character) =>
        Rune.IsControl(character) || Rune.IsWhiteSpace(character) ? $"U+{character.Value:X4}" : $"'{character}' (U+{character.Value:X4})";

    /// <summary>Reads what <see cref="WriteProperties"/> wrote: the characters, strictly ascending.</summary>
    internal static CharTokenizer Read(string name, JsonElement json)
    {
        if (!json.TryGetProperty("characters", out JsonElement property) || property.ValueKind != JsonValueKind.String
            || property.GetString() is not { Length: > 0 } text)
        {
            throw new EngineException($"{name}: the char tokenizer has no text \"characters\".");
        }

        List<Rune> characters = [];
        foreach (Rune character in text.EnumerateRunes())
        {
            if (characters.Count > 0 && character <= characters[^1])
            {
                throw new EngineException($"{name}: the characters of the tokenizer are not in ascending order at {Describe(character)}.");
            }

            characters.Add(character);
        }

        return new CharTokenizer([.. characters]);
    }
}
