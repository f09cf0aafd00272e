using System.Buffers;

namespace Engine.Pretraining.Tokenizers;

/// <summary>
/// Text in which special tokens are spelled, as in the templates of chats: <c>&lt;|im_start|&gt;</c> becomes its token. Never for
/// text of strangers, who could spell them too; that is what <see cref="ITokenizer.Encode"/> is for.
/// </summary>
public static class SpecialText
{
    /// <summary>The ids of a text; where several special tokens begin at one place, the longest counts.</summary>
    /// <exception cref="EngineException">As <see cref="ITokenizer.Encode"/>.</exception>
    public static int[] Encode(ITokenizer tokenizer, ReadOnlySpan<char> text)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        IReadOnlyDictionary<string, int> named = tokenizer.SpecialTokens.Named;
        SearchValues<string> names = SearchValues.Create([.. named.Keys], StringComparison.Ordinal);
        List<int> tokens = [];
        while (!text.IsEmpty)
        {
            int at = named.Count > 0 ? text.IndexOfAny(names) : -1;
            if (at != 0)
            {
                tokens.AddRange(tokenizer.Encode(at < 0 ? text : text[..at]));
                text = at < 0 ? [] : text[at..];
                continue;
            }

            (string name, int id) = (string.Empty, -1);
            foreach ((string candidate, int its) in named)
            {
                (name, id) = candidate.Length > name.Length && text.StartsWith(candidate, StringComparison.Ordinal) ? (candidate, its) : (name, id);
            }

            tokens.Add(id);
            text = text[name.Length..];
        }

        return [.. tokens];
    }
}
