using System.Text;
using System.Text.Json;

namespace Engine.Pretraining.Tokenizers;

/// <summary>
/// The bytes of UTF-8 as tokens: no unknown characters, no training, V = 256. Sequences are longer than with characters
/// where the text is not ASCII.
/// </summary>
public sealed class ByteTokenizer : ITokenizer
{
    /// <inheritdoc/>
    public string Kind => "byte";

    /// <inheritdoc/>
    public int VocabSize => 256;

    /// <inheritdoc/>
    /// <remarks>A lone surrogate, which UTF-8 cannot express, is an error.</remarks>
    public int[] Encode(ReadOnlySpan<char> text)
    {
        RefuseLoneSurrogate(text, Kind);
        byte[] bytes = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, bytes);
        return Array.ConvertAll(bytes, b => (int)b);
    }

    /// <inheritdoc/>
    public TokenSpan[] EncodeSpans(ReadOnlySpan<char> text)
    {
        RefuseLoneSurrogate(text, Kind);
        List<TokenSpan> spans = new(text.Length);
        Span<byte> bytes = stackalloc byte[4];
        for (int i = 0; i < text.Length;)
        {
            Rune.DecodeFromUtf16(text[i..], out Rune character, out int width);
            foreach (byte b in bytes[..character.EncodeToUtf8(bytes)])
            {
                spans.Add(new TokenSpan(b, i, width));
            }

            i += width;
        }

        return [.. spans];
    }

    /// <inheritdoc/>
    /// <remarks>Bytes that are not whole UTF-8 characters, as at the end of a cut sequence, become U+FFFD.</remarks>
    public string Decode(ReadOnlySpan<int> tokens)
    {
        byte[] bytes = new byte[tokens.Length];
        for (int i = 0; i < tokens.Length; i++)
        {
            bytes[i] = (uint)tokens[i] < 256
                ? (byte)tokens[i]
                : throw new EngineException($"byte tokenizer: token {tokens[i]} at position {i} is not in the vocabulary of 256 bytes.");
        }

        return Encoding.UTF8.GetString(bytes);
    }

    /// <inheritdoc/>
    public void WriteProperties(Utf8JsonWriter writer)
    {
        // All byte tokenizers are the same.
        TokenizerFile.WriteKind(writer, Kind);
    }

    /// <summary>A surrogate without its other half is an error: UTF-8 cannot express it.</summary>
    internal static void RefuseLoneSurrogate(ReadOnlySpan<char> text, string kind)
    {
        for (int i = 0; i < text.Length; i++)
        {
            int skip = text[i..].IndexOfAnyInRange('\uD800', '\uDFFF');
            if (skip < 0)
            {
                return;
            }

            i += skip;
            if (!char.IsHighSurrogate(text[i]) || i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1]))
            {
                throw new EngineException($"{kind} tokenizer: the text has half a surrogate pair (U+{(int)text[i]:X4}) at position {i}; it is not valid Unicode.");
            }

            i++;
        }
    }
}
