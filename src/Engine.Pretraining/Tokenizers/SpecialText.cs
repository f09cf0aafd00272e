using System.Buffers;
using System.Globalization;
using System.Text;

namespace Engine.Pretraining.Tokenizers;

/// <summary>
/// Text in which special tokens are spelled, as in the templates of chats: <c>&lt;|im_start|&gt;</c> becomes its token. Never for
/// text of strangers, who could spell them too; that is what <see cref="ITokenizer.Encode"/> is for.
/// </summary>
public static class SpecialText
{
    /// <summary>
    /// The ids of a text; where several special tokens begin at one place, the longest counts. White space beside a token belongs to it, and a
    /// token inside of a word is text, where the vocabulary says so (tokenizer.json's <c>lstrip</c>, <c>rstrip</c>, <c>single_word</c>).
    /// </summary>
    /// <exception cref="EngineException">As <see cref="ITokenizer.Encode"/>.</exception>
    public static int[] Encode(ITokenizer tokenizer, ReadOnlySpan<char> text)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        SpecialTokens special = tokenizer.SpecialTokens;
        SearchValues<string> names = SearchValues.Create([.. special.Named.Keys], StringComparison.Ordinal);
        List<int> tokens = [];
        (int plain, int search) = (0, 0);
        while (special.Named.Count > 0 && text[search..].IndexOfAny(names) is >= 0 and int found)
        {
            int start = search + found;
            (string name, int id) = (string.Empty, -1);
            foreach ((string candidate, int its) in special.Named)
            {
                (name, id) = candidate.Length > name.Length && text[start..].StartsWith(candidate, StringComparison.Ordinal) ? (candidate, its) : (name, id);
            }

            int end = search = start + name.Length;
            AddedTokenRules rules = special.Rules.GetValueOrDefault(id);
            if (rules.HasFlag(AddedTokenRules.SingleWord) && (EndsInWord(text[..start]) || BeginsInWord(text[end..])))
            {
                continue;
            }

            if (rules.HasFlag(AddedTokenRules.StripLeft))
            {
                start = plain + text[plain..start].TrimEnd().Length;
            }

            if (rules.HasFlag(AddedTokenRules.StripRight))
            {
                end = search = text.Length - text[end..].TrimStart().Length;
            }

            tokens.AddRange(start > plain ? tokenizer.Encode(text[plain..start]) : []);
            tokens.Add(id);
            plain = end;
        }

        tokens.AddRange(plain < text.Length ? tokenizer.Encode(text[plain..]) : []);
        return [.. tokens];
    }

    private static bool EndsInWord(ReadOnlySpan<char> text) => Rune.DecodeLastFromUtf16(text, out Rune last, out _) == OperationStatus.Done && IsWord(last);

    private static bool BeginsInWord(ReadOnlySpan<char> text) => Rune.DecodeFromUtf16(text, out Rune first, out _) == OperationStatus.Done && IsWord(first);

    // What \w is in expressions: letters, marks, digits, connectors.
    private static bool IsWord(Rune character) => Rune.GetUnicodeCategory(character) is <= UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation;
}
