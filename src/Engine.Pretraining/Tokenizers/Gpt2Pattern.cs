namespace Engine.Pretraining.Tokenizers;

/// <summary>
/// GPT-2's pieces of a text, which no token crosses (Radford et al. 2019, encoder.py), scanned by hand: contractions
/// <c>'s 't 're 've 'm 'll 'd</c>; letters, numbers or other characters, each with one blank before them if there is one;
/// white space, whose last character is left to what follows.
/// </summary>
internal static class Gpt2Pattern
{
    /// <summary>Where the piece that begins at <paramref name="start"/> ends.</summary>
    public static int End(ReadOnlySpan<char> text, int start)
    {
        int contraction = text[start] == '\'' ? Contraction(text[(start + 1)..]) : 0;
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

    private static int Contraction(ReadOnlySpan<char> rest) => rest switch
    {
        ['s' or 't' or 'm' or 'd', ..] => 1,
        ['r' or 'v', 'e', ..] or ['l', 'l', ..] => 2,
        _ => 0,
    };
}
