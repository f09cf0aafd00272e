namespace Engine.Pretraining.Data;

/// <summary>
/// Cuts text into documents and sentences. Where there are lines such as WikiText's <c> = Title = </c>, each begins a document, headings
/// below it (<c> = = Part = = </c>) are left out, and empty lines mean nothing; otherwise documents are separated by empty lines, as in
/// BERT's input files. A sentence ends with its line, and after . ! or ? before a space, unless a lower-case letter follows or the
/// full stop belongs to an abbreviation: a capitalised word of up to three letters ("Mr.") or one that has a full stop inside ("U.S.").
/// </summary>
internal static class DocumentReader
{
    /// <summary>The sentences of each document, as places in <paramref name="text"/>; neither is ever empty.</summary>
    public static IReadOnlyList<IReadOnlyList<Range>> Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        bool titled = Lines(text).Any(line => HeadingLevel(text.AsSpan()[line]) == 1);
        List<IReadOnlyList<Range>> documents = [];
        List<Range> sentences = [];
        foreach (Range line in Lines(text))
        {
            int level = titled ? HeadingLevel(text.AsSpan()[line]) : 0;
            bool begins = titled ? level == 1 : text.AsSpan()[line].IsWhiteSpace();
            if (begins && sentences.Count > 0)
            {
                documents.Add(sentences);
                sentences = [];
            }

            if (level == 0)
            {
                AddSentences(text, line, sentences);
            }
        }

        if (sentences.Count > 0)
        {
            documents.Add(sentences);
        }

        return documents;
    }

    /// <summary>1 for <c>= Title =</c>, 2 for <c>= = Part = =</c> and so on; 0 for any other line.</summary>
    internal static int HeadingLevel(ReadOnlySpan<char> line)
    {
        line = line.Trim();
        int level = 0;
        while (line.StartsWith("= ") && line.EndsWith(" ="))
        {
            level++;
            line = line.Length > 3 ? line[2..^2] : [];
        }

        return line.IsWhiteSpace() ? 0 : level;
    }

    private static IEnumerable<Range> Lines(string text)
    {
        for (int start = 0; start < text.Length;)
        {
            int end = text.IndexOf('\n', start);
            end = end < 0 ? text.Length : end;
            yield return start..end;
            start = end + 1;
        }
    }

    private static void AddSentences(string text, Range line, List<Range> sentences)
    {
        (int start, int end) = (line.Start.Value, line.End.Value);
        for (int i = start; i < end; i++)
        {
            if (EndsSentence(text, start, i, end))
            {
                Add(text, start, i + 1, sentences);
                start = i + 1;
            }
        }

        Add(text, start, end, sentences);
    }

    private static void Add(string text, int start, int end, List<Range> sentences)
    {
        while (start < end && char.IsWhiteSpace(text[start]))
        {
            start++;
        }

        while (start < end && char.IsWhiteSpace(text[end - 1]))
        {
            end--;
        }

        if (start < end)
        {
            sentences.Add(start..end);
        }
    }

    // Whether the sentence that begins at start ends with character i: the mark, or a closing quote or bracket after it.
    private static bool EndsSentence(string text, int start, int i, int end)
    {
        int next = i + 1;
        if (next >= end || !char.IsWhiteSpace(text[next]))
        {
            return false;
        }

        int mark = i;
        while (mark > start && text[mark] is '"' or '\'' or ')' or ']' or '”' or '’')
        {
            mark--;
        }

        while (next < end && char.IsWhiteSpace(text[next]))
        {
            next++;
        }

        return text[mark] is '.' or '!' or '?'
            && next < end && !char.IsLower(text[next])
            && !(text[mark] == '.' && IsAbbreviation(text.AsSpan(start, mark - start)));
    }

    private static bool IsAbbreviation(ReadOnlySpan<char> before)
    {
        int at = before.Length;
        while (at > 0 && !char.IsWhiteSpace(before[at - 1]))
        {
            at--;
        }

        ReadOnlySpan<char> word = before[at..];
        return word.Length > 0 && char.IsLetter(word[^1]) && (word.Contains('.') || (word.Length <= 3 && char.IsUpper(word[0])));
    }
}
