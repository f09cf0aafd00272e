using System.Text.Json;

namespace Engine.Pretraining.Tokenizers;

/// <summary>
/// The pieces of o200k (GPT-4o): a word is letters that are not lower case and then letters that are not upper case, with one
/// character before them that is neither letter, number nor line break, and a contraction behind them; marks count as letters of
/// either case. Up to three numbers; other characters with one blank before and line breaks or slashes after them; white
/// space as in GPT-4.
/// </summary>
internal sealed class O200kPattern : PiecePattern
{
    /// <summary>The expression in files.</summary>
    public const string Regex =
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
        + @"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
        + @"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <inheritdoc/>
    public override string Cuts => Regex;

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer) => WriteSplit(writer, Regex, "Isolated", invert: false);

    /// <inheritdoc/>
    public override int End(ReadOnlySpan<char> text, int start)
    {
        int plain = AsciiWord(text, start);
        if (plain >= 0)
        {
            return WithContraction(text, CaseBreak(text, start, plain));
        }

        CharacterClass kind = CharacterClasses.At(text, start, out int width);
        bool lead = kind is CharacterClass.Other or CharacterClass.Space && text[start] is not ('\r' or '\n');
        int next = lead ? start + width : start;
        bool word = next < text.Length && CharacterClasses.Case(text, next, out _) != LetterCase.None;
        if (!word && CharacterClasses.Case(text, start, out _) == LetterCase.None)
        {
            return EndOfOthers(text, start, kind, numbers: 3, slashes: true);
        }

        int end = lead ? Word(text, next, lower: true) : start;

        // A mark may be the character before a word as well as part of it; the first way that fits counts.
        end = end > start ? end : Word(text, start, lower: true);
        end = end > start || !lead ? end : Word(text, next, lower: false);
        end = end > start ? end : Word(text, start, lower: false);
        if (end > start)
        {
            return WithContraction(text, end);
        }

        return EndOfOthers(text, start, kind, numbers: 3, slashes: true);
    }

    private static int WithContraction(ReadOnlySpan<char> text, int end)
    {
        int contraction = end < text.Length ? Contraction(text, end, anyCase: true) : 0;
        return contraction > 0 ? end + 1 + contraction : end;
    }

    /// <summary>Where in a word of ASCII letters the first upper case letter follows a lower case one, or else its end.</summary>
    private static int CaseBreak(ReadOnlySpan<char> text, int start, int end)
    {
        for (int at = start + 1; at < end; at++)
        {
            if (text[at] < 'a' && text[at - 1] >= 'a')
            {
                return at;
            }
        }

        return end;
    }

    /// <summary>
    /// Letters not lower case and then letters not upper case, of which there must be one if <paramref name="lower"/>, and else
    /// one of the former. −1 if they do not stand here.
    /// </summary>
    private static int Word(ReadOnlySpan<char> text, int start, bool lower)
    {
        int upper = start;
        int lastOfEither = -1;
        while (upper < text.Length && CharacterClasses.Case(text, upper, out int width) is (LetterCase.Upper or LetterCase.Either) and LetterCase found)
        {
            upper += width;
            lastOfEither = found == LetterCase.Either ? upper : lastOfEither;
        }

        int end = upper;
        while (end < text.Length && CharacterClasses.Case(text, end, out int width) is LetterCase.Lower or LetterCase.Either)
        {
            end += width;
        }

        return lower ? (end > upper ? end : lastOfEither) : upper > start ? end : -1;
    }
}
