using System.Text.Json;

namespace Engine.Pretraining.Tokenizers;

/// <summary>
/// The pieces of cl100k (GPT-4) as Llama 3 and Qwen 2 spell them: contractions in any case; letters with any one character
/// before them that is neither letter, number nor line break; up to <paramref name="numbers"/> numbers; other characters with
/// one blank before and line breaks after them; white space up to its last line break; white space, whose last character is
/// left to what follows.
/// </summary>
/// <param name="numbers">The most numbers of a piece: 3 for GPT-4 and Llama 3, 1 for Qwen 2.</param>
internal sealed class Gpt4Pattern(int numbers) : PiecePattern
{
    /// <summary>The expression in files.</summary>
    public string Regex => @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}" + (numbers == 1 ? "" : $"{{1,{numbers}}}")
        + @"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <inheritdoc/>
    public override string Cuts => Regex;

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer) => WriteSplit(writer, Regex, "Isolated", invert: false);

    /// <inheritdoc/>
    public override int End(ReadOnlySpan<char> text, int start)
    {
        int word = AsciiWord(text, start);
        if (word >= 0)
        {
            return word;
        }

        int contraction = Contraction(text, start, anyCase: true);
        if (contraction > 0)
        {
            return start + 1 + contraction;
        }

        CharacterClass kind = CharacterClasses.At(text, start, out int width);
        int next = start + width;
        CharacterClass nextKind = next < text.Length ? CharacterClasses.At(text, next, out _) : CharacterClass.Space;
        if (kind == CharacterClass.Letter || (nextKind == CharacterClass.Letter && kind != CharacterClass.Number && text[start] is not ('\r' or '\n')))
        {
            return CharacterClasses.EndOfRun(text, next, CharacterClass.Letter);
        }

        return EndOfOthers(text, start, kind, numbers, slashes: false);
    }
}
