using System.Text.Json;

namespace Engine.Pretraining.Tokenizers;

/// <summary>
/// The pieces of CLIP (Radford et al. 2021, simple_tokenizer.py), of text in lower case: contractions, letters, single
/// numbers, other characters; white space only separates. The last token of a piece ends in <see cref="Suffix"/>.
/// </summary>
internal sealed class ClipPattern : PiecePattern
{
    /// <summary>What marks the end of a word.</summary>
    public const string Suffix = "</w>";

    /// <summary>The expression in files.</summary>
    public const string Regex = @"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+";

    /// <inheritdoc/>
    public override int Start(ReadOnlySpan<char> text, int at) => CharacterClasses.EndOfRun(text, at, CharacterClass.Space);

    /// <inheritdoc/>
    public override int End(ReadOnlySpan<char> text, int start)
    {
        int contraction = Contraction(text, start, anyCase: false);
        if (contraction > 0)
        {
            return start + 1 + contraction;
        }

        CharacterClass kind = CharacterClasses.At(text, start, out int width);
        return kind == CharacterClass.Number ? start + width : CharacterClasses.EndOfRun(text, start + width, kind);
    }

    /// <inheritdoc/>
    public override string Cuts => Regex;

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer) => WriteSplit(writer, Regex, "Removed", invert: true);
}
