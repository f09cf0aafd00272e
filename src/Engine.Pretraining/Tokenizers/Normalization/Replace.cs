using System.Text.Json;

namespace Engine.Pretraining.Tokenizers.Normalization;

/// <summary>
/// Each occurrence of a pattern becomes something else. A pattern is a string, or one of the expressions that published
/// tokenizers hold; these are matched by hand.
/// </summary>
internal sealed record Replace(string Pattern, bool IsRegex, string Content) : Normalizer
{
    /// <summary>Runs of blanks, runs of at least two, runs of white space; blanks at either end.</summary>
    public const string Blanks = " +";

    /// <inheritdoc cref="Blanks"/>
    public const string ManyBlanks = " {2,}";

    /// <inheritdoc cref="Blanks"/>
    public const string WhiteSpace = @"\s+";

    /// <inheritdoc cref="Blanks"/>
    public const string OuterBlanks = "^ +| +$";

    /// <summary>Whether an expression is one of those that are known.</summary>
    public static bool Knows(string expression) => expression is Blanks or ManyBlanks or WhiteSpace or OuterBlanks;

    /// <inheritdoc/>
    public override void Apply(AlignedText source, AlignedText target)
    {
        ReadOnlySpan<char> text = source.Text;
        int copied = 0;
        for (int at = 0; at < text.Length;)
        {
            int length = Match(text, at);
            if (length == 0)
            {
                at++;
                continue;
            }

            target.Copy(source, copied, at);
            target.Put(Content, source, at, at + length);
            copied = at += length;
        }

        target.Copy(source, copied, text.Length);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer)
    {
        Begin(writer, "Replace");
        writer.WriteStartObject("pattern");
        writer.WriteString(IsRegex ? "Regex" : "String", Pattern);
        writer.WriteEndObject();
        writer.WriteString("content", Content);
        writer.WriteEndObject();
    }

    private int Match(ReadOnlySpan<char> text, int at)
    {
        if (!IsRegex)
        {
            return text[at] == Pattern[0] && text[at..].StartsWith(Pattern, StringComparison.Ordinal) ? Pattern.Length : 0;
        }

        if (Pattern == WhiteSpace)
        {
            return CharacterClasses.EndOfRun(text, at, CharacterClass.Space) - at;
        }

        int blanks = text[at] == ' ' ? text[at..].IndexOfAnyExcept(' ') : 0;
        blanks = blanks < 0 ? text.Length - at : blanks;
        return Pattern switch
        {
            ManyBlanks => blanks >= 2 ? blanks : 0,
            OuterBlanks => at == 0 || at + blanks == text.Length ? blanks : 0,
            _ => blanks,
        };
    }
}
