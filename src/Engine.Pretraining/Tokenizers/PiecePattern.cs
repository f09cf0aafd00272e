using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.Json;

namespace Engine.Pretraining.Tokenizers;

/// <summary>
/// How a text is cut into pieces that no token crosses, scanned by hand instead of by a regular expression. What a
/// tokenizer.json spells as an expression is known by its text.
/// </summary>
internal abstract class PiecePattern
{
    /// <summary>The pattern that a file spells so; null if it is unknown.</summary>
    public static PiecePattern? ByRegex(string regex) =>
        regex == Gpt2Pattern.Regex ? new Gpt2Pattern()
        : regex == O200kPattern.Regex ? new O200kPattern()
        : Array.Find([new Gpt4Pattern(1), new Gpt4Pattern(3)], p => p.Regex == regex);

    /// <summary>The expression that cuts so: equal patterns have equal ones.</summary>
    public abstract string Cuts { get; }

    /// <summary>Where the next piece begins: here, unless the pattern leaves something out.</summary>
    public virtual int Start(ReadOnlySpan<char> text, int at) => at;

    /// <summary>Writes what makes tokenizer.json cut so: the property <c>pre_tokenizer</c>.</summary>
    public abstract void Write(Utf8JsonWriter writer);

    /// <summary>Where the piece that begins at <paramref name="start"/> ends.</summary>
    public abstract int End(ReadOnlySpan<char> text, int start);

    /// <summary>Writes bytes as letters, cut before by an expression or not.</summary>
    internal static void WriteByteLevel(Utf8JsonWriter writer, bool useRegex)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "ByteLevel");
        writer.WriteBoolean("add_prefix_space", false);
        writer.WriteBoolean("trim_offsets", true);
        writer.WriteBoolean("use_regex", useRegex);
        writer.WriteEndObject();
    }

    /// <summary>Writes a cut by an expression before bytes become letters.</summary>
    protected static void WriteSplit(Utf8JsonWriter writer, string regex, string behavior, bool invert)
    {
        writer.WriteStartObject("pre_tokenizer");
        writer.WriteString("type", "Sequence");
        writer.WriteStartArray("pretokenizers");
        writer.WriteStartObject();
        writer.WriteString("type", "Split");
        writer.WriteStartObject("pattern");
        writer.WriteString("Regex", regex);
        writer.WriteEndObject();
        writer.WriteString("behavior", behavior);
        writer.WriteBoolean("invert", invert);
        writer.WriteEndObject();
        WriteByteLevel(writer, useRegex: false);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>The end of ASCII letters with at most one blank before them, which most pieces are in all patterns; −1: something else stands here.</summary>
    protected static int AsciiWord(ReadOnlySpan<char> text, int start)
    {
        int first = text[start] == ' ' ? start + 1 : start;
        int end = first;
        if (text.Length - first >= Vector128<ushort>.Count)
        {
            // How many of eight characters are letters, without a branch for each.
            Vector128<ushort> lower = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(MemoryMarshal.Cast<char, ushort>(text)), (nuint)first) | Vector128.Create((ushort)0x20);
            uint others = Vector128.GreaterThan(lower - Vector128.Create((ushort)'a'), Vector128.Create((ushort)25)).ExtractMostSignificantBits();
            end += BitOperations.TrailingZeroCount(others | 0x100);
        }

        while (end < text.Length && (uint)((text[end] | 0x20) - 'a') < 26)
        {
            end++;
        }

        return end > first && (end == text.Length || text[end] < 0x80) ? end : -1;
    }

    /// <summary>Letters after an apostrophe that belong to it: <c>s t m d re ve ll</c>.</summary>
    protected static int Contraction(ReadOnlySpan<char> text, int start, bool anyCase)
    {
        if (text[start] != '\'' || start + 1 == text.Length)
        {
            return 0;
        }

        char first = Letter(text[start + 1]);
        char second = start + 2 < text.Length ? Letter(text[start + 2]) : '\0';
        return (first, second) switch
        {
            ('s' or 't' or 'm' or 'd', _) => 1,
            ('r' or 'v', 'e') or ('l', 'l') => 2,
            _ => 0,
        };

        // ſ is an s to expressions that ignore case (Unicode simple case folding).
        char Letter(char c) => !anyCase ? c : c == 'ſ' ? 's' : char.IsAsciiLetter(c) ? (char)(c | 0x20) : c;
    }

    /// <summary>
    /// The end of a piece that is no word, as GPT-4 cuts: numbers; other characters with a blank before and line breaks, or
    /// also slashes, after them; white space.
    /// </summary>
    protected static int EndOfOthers(ReadOnlySpan<char> text, int start, CharacterClass kind, int numbers, bool slashes)
    {
        CharacterClasses.At(text, start, out int width);
        int next = start + width;
        if (kind == CharacterClass.Number)
        {
            for (int more = 1; more < numbers && next < text.Length && CharacterClasses.At(text, next, out width) == CharacterClass.Number; more++)
            {
                next += width;
            }

            return next;
        }

        if (kind == CharacterClass.Other || (text[start] == ' ' && next < text.Length && CharacterClasses.At(text, next, out _) == CharacterClass.Other))
        {
            int end = CharacterClasses.EndOfRun(text, next, CharacterClass.Other);
            while (end < text.Length && (text[end] is '\r' or '\n' || (slashes && text[end] == '/')))
            {
                end++;
            }

            return end;
        }

        int spaces = CharacterClasses.EndOfRun(text, next, CharacterClass.Space);
        int lineBreak = text[start..spaces].LastIndexOfAny('\r', '\n');
        return lineBreak >= 0 ? start + lineBreak + 1 : spaces == text.Length || spaces == start + 1 ? spaces : spaces - 1;
    }
}
