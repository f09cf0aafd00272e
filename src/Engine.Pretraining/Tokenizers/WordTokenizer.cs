using System.Text;
using System.Text.Json;

namespace Engine.Pretraining.Tokenizers;

/// <summary>
/// The words of the corpus, split at white space and otherwise as they stand, the most frequent first: the vocabulary of
/// word2vec (Mikolov et al. 2013) and its successors. All others are <c>&lt;unk&gt;</c>.
/// </summary>
public sealed class WordTokenizer : ITokenizer
{
    private static readonly string[] s_special = ["<unk>", "<pad>", "<s>", "</s>"];
    private readonly string?[] _words;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _ids;

    internal WordTokenizer(string?[] words, AddedTokens special, int unknown)
    {
        (_words, Special, Unknown) = (words, special, unknown);
        SpecialTokens = SpecialTokens.ByName(special);
        _ids = new Dictionary<string, int>(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        for (int id = 0; id < words.Length; id++)
        {
            if (words[id] is string word && !special.ContainsKey(id))
            {
                _ids.TryAdd(word, id);
            }
        }
    }

    /// <inheritdoc/>
    public string Kind => "word";

    /// <inheritdoc/>
    public int VocabSize => _words.Length;

    /// <inheritdoc/>
    public SpecialTokens SpecialTokens { get; }

    internal AddedTokens Special { get; }

    internal int Unknown { get; }

    internal string? Spelling(int id) => _words[id];

    /// <summary>Takes the most frequent words; among equals the first by code unit. Smaller than asked for if there are no more.</summary>
    /// <param name="corpus">The text.</param>
    /// <param name="vocabSize">V, special tokens counted.</param>
    /// <param name="minFrequency">Rarer words are unknown.</param>
    /// <exception cref="EngineException">V has no room for a word.</exception>
    public static WordTokenizer Train(ReadOnlySpan<char> corpus, int vocabSize, int minFrequency = 2)
    {
        if (vocabSize <= s_special.Length)
        {
            throw new EngineException($"tokenizer word: vocab_size {vocabSize} has no room for words beside {s_special.Length} special tokens; it must be at least {s_special.Length + 1}.");
        }

        WordCounts counts = new();
        for (int at = 0; Next(corpus, ref at, out ReadOnlySpan<char> word);)
        {
            counts.Add(word);
        }

        // A word that is spelled like a special token is unknown: wikitext writes <unk> for what it left out.
        IEnumerable<string> words = counts.All.Where(w => w.Value >= minFrequency && !s_special.Contains(w.Key))
            .OrderByDescending(w => w.Value).ThenBy(w => w.Key, StringComparer.Ordinal).Select(w => w.Key).Take(vocabSize - s_special.Length);
        return new WordTokenizer([.. s_special, .. words], new(s_special.Index().ToDictionary(s => s.Index, s => s.Item)), unknown: 0);
    }

    /// <inheritdoc/>
    public int[] Encode(ReadOnlySpan<char> text)
    {
        TokenList tokens = new(text.Length / 5 + 16);
        for (int at = 0; Next(text, ref at, out ReadOnlySpan<char> word);)
        {
            tokens.Add(_ids.TryGetValue(word, out int id) ? id : Unknown);
        }

        return tokens.ToArray();
    }

    /// <inheritdoc/>
    public TokenSpan[] EncodeSpans(ReadOnlySpan<char> text)
    {
        List<TokenSpan> spans = new(text.Length / 5);
        for (int at = 0; Next(text, ref at, out ReadOnlySpan<char> word);)
        {
            spans.Add(new TokenSpan(_ids.TryGetValue(word, out int id) ? id : Unknown, at - word.Length, word.Length));
        }

        return [.. spans];
    }

    /// <inheritdoc/>
    /// <remarks>Words with blanks between them: other white space of the text is gone.</remarks>
    public string Decode(ReadOnlySpan<int> tokens)
    {
        StringBuilder text = new();
        for (int i = 0; i < tokens.Length; i++)
        {
            text.Append(i > 0 ? " " : string.Empty).Append((uint)tokens[i] < (uint)_words.Length && _words[tokens[i]] is string word
                ? word
                : throw new EngineException($"word tokenizer: token {tokens[i]} at position {i} is not in the vocabulary of {VocabSize} words."));
        }

        return text.ToString();
    }

    /// <inheritdoc/>
    public string Separator(int next) => " ";

    /// <inheritdoc/>
    public void WriteProperties(Utf8JsonWriter writer) => HuggingFaceFile.Write(writer, this);

    private static bool Next(ReadOnlySpan<char> text, ref int at, out ReadOnlySpan<char> word)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
        {
            at++;
        }

        int start = at;
        while (at < text.Length && !char.IsWhiteSpace(text[at]))
        {
            at++;
        }

        word = text[start..at];
        return at > start;
    }
}
