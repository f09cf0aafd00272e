namespace Engine.Pretraining.Tokenizers;

/// <summary>
/// How a text is cut into pieces that no token crosses, scanned by hand instead of by a regular expression. What a
/// tokenizer.json spells as an expression is known by its text.
/// </summary>
internal abstract class PiecePattern
{
    /// <summary>Where the piece that begins at <paramref name="start"/> ends.</summary>
    public abstract int End(ReadOnlySpan<char> text, int start);

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
}
