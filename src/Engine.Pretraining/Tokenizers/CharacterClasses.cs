using System.Globalization;

namespace Engine.Pretraining.Tokenizers;

/// <summary>What a pattern that splits text asks of a character.</summary>
internal enum CharacterClass : byte
{
    /// <summary>Neither of the others: punctuation, symbols, marks, controls.</summary>
    Other,

    /// <summary>Unicode category L: <c>\p{L}</c>.</summary>
    Letter,

    /// <summary>Unicode category N: <c>\p{N}</c>.</summary>
    Number,

    /// <summary>Unicode property White_Space: <c>\s</c>.</summary>
    Space,

    /// <summary>Half a character beyond U+FFFF; its class is that of the pair.</summary>
    Surrogate,
}

/// <summary>Which part of a word a letter or mark can be where its case decides.</summary>
internal enum LetterCase : byte
{
    /// <summary>No letter and no mark.</summary>
    None,

    /// <summary>Categories Lu and Lt.</summary>
    Upper,

    /// <summary>Category Ll.</summary>
    Lower,

    /// <summary>Letters without case (Lm, Lo) and marks (M).</summary>
    Either,
}

/// <summary>Classes of characters by table: one load for a UTF-16 unit instead of a search for its category.</summary>
internal static class CharacterClasses
{
    private static readonly CharacterClass[] s_units = [.. Enumerable.Range(0, 0x10000).Select(Classify)];

    private static readonly LetterCase[] s_cases = [.. Enumerable.Range(0, 0x10000).Select(CaseOf)];

    /// <summary>The case of the character at <paramref name="at"/> and how many UTF-16 units it has; the text is valid.</summary>
    public static LetterCase Case(ReadOnlySpan<char> text, int at, out int width)
    {
        width = char.IsHighSurrogate(text[at]) ? 2 : 1;
        return width == 1 ? s_cases[text[at]] : CaseOf(char.ConvertToUtf32(text[at], text[at + 1]));
    }

    /// <summary>The class of the character at <paramref name="at"/> and how many UTF-16 units it has; the text is valid.</summary>
    public static CharacterClass At(ReadOnlySpan<char> text, int at, out int width)
    {
        CharacterClass unit = s_units[text[at]];
        width = 1;
        if (unit != CharacterClass.Surrogate)
        {
            return unit;
        }

        width = 2;
        return Classify(char.ConvertToUtf32(text[at], text[at + 1]));
    }

    /// <summary>Where the run of characters of a class that begins at <paramref name="at"/> ends.</summary>
    public static int EndOfRun(ReadOnlySpan<char> text, int at, CharacterClass wanted)
    {
        while (at < text.Length && At(text, at, out int width) == wanted)
        {
            at += width;
        }

        return at;
    }

    private static LetterCase CaseOf(int character) => CharUnicodeInfo.GetUnicodeCategory(character) switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter => LetterCase.Upper,
        UnicodeCategory.LowercaseLetter => LetterCase.Lower,
        <= UnicodeCategory.EnclosingMark => LetterCase.Either,
        _ => LetterCase.None,
    };

    private static CharacterClass Classify(int character) => CharUnicodeInfo.GetUnicodeCategory(character) switch
    {
        <= UnicodeCategory.OtherLetter => CharacterClass.Letter,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharacterClass.Number,
        UnicodeCategory.Surrogate => CharacterClass.Surrogate,
        _ => character < 0x10000 && char.IsWhiteSpace((char)character) ? CharacterClass.Space : CharacterClass.Other,
    };
}
