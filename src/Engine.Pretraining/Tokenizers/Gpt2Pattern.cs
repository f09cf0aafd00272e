using System.Text.Json;

namespace Engine.Pretraining.Tokenizers;

/// <summary>
/// GPT-2's pieces (Radford et al. 2019, encoder.py): contractions <c>'s 't 're 've 'm 'll 'd</c>; letters, numbers or other
/// characters, each with one blank before them if there is one; white space, whose last character is left to what follows.
/// </summary>
internal sealed class Gpt2Pattern : PiecePattern
{
    /// <summary>The expression in files.</summary>
    public const string Regex = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <inheritdoc/>
    public override string Cuts => Regex;

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer)
    {
        writer.WritePropertyName("pre_tokenizer");
        WriteByteLevel(writer, useRegex: true);
    }

    /// <inheritdoc/>
    public override int End(ReadOnlySpan<char> text, int start)
    {
        int word = AsciiWord(text, start);
        if (word >= 0)
        {
            return word;
        }

        int contraction = Contraction(text, start, anyCase: false);
        if (contraction > 0)
        {
            return start + 1 + contraction;
        }

        int first = text[start] == ' ' && start + 1 < text.Length ? start + 1 : start;
        CharacterClass kind = CharacterClasses.At(text, first, out int width);
        if (kind != CharacterClass.Space)
        {
            return CharacterClasses.EndOfRun(text, first + width, kind);
        }

        int end = CharacterClasses.EndOfRun(text, start + 1, CharacterClass.Space);
        return end == text.Length || end == start + 1 ? end : end - 1;
    }
}
