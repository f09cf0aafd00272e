using System.Text;
using System.Text.Json;
using Engine.Pretraining.Logs;

namespace Engine.Pretraining.Tokenizers;

/// <summary>
/// WordPiece as BERT uses it (Devlin et al. 2019; Wu et al. 2016): normalized words (<see cref="BertWords"/>), each cut from
/// the left into the longest pieces of the vocabulary; a piece that continues a word begins with <c>##</c>. A word that
/// cannot be cut so is <c>[UNK]</c>.
/// </summary>
public sealed class WordPieceTokenizer : ITokenizer, IWordPieces
{
    /// <summary>What pieces that continue a word begin with.</summary>
    internal const string Continuing = "##";

    /// <summary>Hugging Face's limit_alphabet: rarer characters are unknown.</summary>
    private const int MaxAlphabet = 1000;

    /// <summary>max_input_chars_per_word: longer words are unknown.</summary>
    internal const int MaxWord = 100;

    private static readonly string[] s_special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
    private readonly string?[] _tokens;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _initial;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _continuing;
    private readonly int _longest;

    /// <param name="tokens">The vocabulary; null where a file leaves an id out.</param>
    /// <param name="special">Tokens that stand for no text, by id; one is the unknown token.</param>
    /// <param name="unknown">The unknown token.</param>
    /// <param name="normalization">How words are made.</param>
    /// <param name="template">What a model expects around a text.</param>
    internal WordPieceTokenizer(string?[] tokens, AddedTokens special, int unknown, BertNormalization normalization, SequenceTemplate template)
    {
        (_tokens, Special, Unknown, Normalization, Template) = (tokens, special, unknown, normalization, template);
        SpecialTokens = SpecialTokens.ByName(special);
        _initial = new Dictionary<string, int>(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        _continuing = new Dictionary<string, int>(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        for (int id = 0; id < tokens.Length; id++)
        {
            if (tokens[id] is string token && !special.ContainsKey(id))
            {
                bool continues = token.Length > Continuing.Length && token.StartsWith(Continuing, StringComparison.Ordinal);
                _ = continues ? _continuing.TryAdd(token.AsSpan(Continuing.Length), id) : _initial.TryAdd(token, id);
                _longest = Math.Max(_longest, token.Length);
            }
        }
    }

    /// <inheritdoc/>
    public string Kind => "wordpiece";

    /// <inheritdoc/>
    public int VocabSize => _tokens.Length;

    /// <inheritdoc/>
    public SpecialTokens SpecialTokens { get; }

    /// <inheritdoc/>
    public SequenceTemplate Template { get; }

    internal AddedTokens Special { get; }

    internal int Unknown { get; }

    internal BertNormalization Normalization { get; }

    internal string? Spelling(int id) => _tokens[id];

    /// <summary>
    /// Learns a vocabulary for BERT uncased as Hugging Face's WordPieceTrainer does: special tokens, characters, merges of the
    /// most frequent pairs. It stays smaller than asked for if the corpus has no more pairs that occur often enough.
    /// </summary>
    /// <param name="corpus">The text.</param>
    /// <param name="vocabSize">V, all tokens counted.</param>
    /// <param name="minFrequency">The fewest occurrences of a pair that is merged.</param>
    /// <param name="progress">Told how far it is; null for nobody.</param>
    /// <exception cref="EngineException">V has no room for the characters, or the text is not valid Unicode.</exception>
    public static WordPieceTokenizer Train(ReadOnlySpan<char> corpus, int vocabSize, int minFrequency = 2, IProgress<WorkDone>? progress = null)
    {
        WordCounts counts = new();
        for (BertWords words = new(corpus, BertNormalization.Uncased); words.MoveNext();)
        {
            counts.Add(words.Current);
        }

        List<string> tokens = [.. s_special, .. Alphabet(counts)];
        if (vocabSize < tokens.Count)
        {
            throw new EngineException(
                $"tokenizer wordpiece: vocab_size {vocabSize} has no room for {s_special.Length} special tokens and the {tokens.Count - s_special.Length} forms of the corpus's characters; it must be at least {tokens.Count}.");
        }

        Dictionary<string, int> ids = tokens.Index().ToDictionary(t => t.Item, t => t.Index, StringComparer.Ordinal);
        MergeTrainer trainer = new();
        foreach ((string word, long count) in counts.All)
        {
            int[] characters = [.. Forms(word).Select(form => ids.GetValueOrDefault(form, -1))];
            if (!characters.Contains(-1))
            {
                trainer.Add(characters, count);
            }
        }

        foreach (Merge merge in trainer.Train(tokens.Count, vocabSize - tokens.Count, minFrequency, progress))
        {
            tokens.Add(tokens[merge.Left] + tokens[merge.Right][Continuing.Length..]);
        }

        return new WordPieceTokenizer(
            [.. tokens], new(s_special.Index().ToDictionary(s => s.Index, s => s.Item)), Array.IndexOf(s_special, "[UNK]"), BertNormalization.Uncased,
            new SequenceTemplate([Array.IndexOf(s_special, "[CLS]")], [Array.IndexOf(s_special, "[SEP]")]));
    }

    /// <inheritdoc/>
    /// <remarks>The text of a special token is text like any other.</remarks>
    public int[] Encode(ReadOnlySpan<char> text)
    {
        TokenList tokens = new(text.Length / 4 + 16);
        for (BertWords words = new(text, Normalization); words.MoveNext();)
        {
            ReadOnlySpan<char> word = words.Current;
            if (word.Length <= MaxWord && _initial.TryGetValue(word, out int id))
            {
                tokens.Add(id);
            }
            else
            {
                Cut(word, ref tokens);
            }
        }

        return tokens.ToArray();
    }

    /// <inheritdoc/>
    public TokenSpan[] EncodeSpans(ReadOnlySpan<char> text)
    {
        List<TokenSpan> spans = new(text.Length / 4);
        for (BertWords words = new(text, Normalization); words.MoveNext();)
        {
            TokenList tokens = new(4);
            Cut(words.Current, ref tokens);
            int at = 0;
            foreach (int token in tokens.All)
            {
                int length = token == Unknown ? words.Current.Length : Piece(_tokens[token]!).Length;
                (int start, int end) = words.Origin(at, at + length);
                spans.Add(new TokenSpan(token, start, end - start));
                at += length;
            }
        }

        return [.. spans];
    }

    /// <inheritdoc/>
    string ITokenizer.Spell(int token) => _tokens[token] ?? string.Empty;

    /// <inheritdoc/>
    /// <remarks>Words with blanks between them: case, accents and white space of the text are gone. Special tokens appear as they are spelled.</remarks>
    public string Decode(ReadOnlySpan<int> tokens)
    {
        StringBuilder text = new();
        for (int i = 0; i < tokens.Length; i++)
        {
            string token = (uint)tokens[i] < (uint)_tokens.Length && _tokens[tokens[i]] is string known
                ? known
                : throw new EngineException($"wordpiece tokenizer: token {tokens[i]} at position {i} is not in the vocabulary of {VocabSize} tokens.");
            text.Append(i > 0 ? Separator(tokens[i]) : string.Empty).Append(Piece(token));
        }

        return text.ToString();
    }

    /// <inheritdoc/>
    public string Separator(int next) => ContinuesWord(next) ? string.Empty : " ";

    /// <inheritdoc/>
    public bool ContinuesWord(int token) => _tokens[token] is string text && Continues(text);

    /// <inheritdoc/>
    public void WriteProperties(Utf8JsonWriter writer) => HuggingFaceFile.Write(writer, this);

    private static ReadOnlySpan<char> Piece(string token) => Continues(token) ? token.AsSpan(Continuing.Length) : token;

    private static bool Continues(string token) => token.Length > Continuing.Length && token.StartsWith(Continuing, StringComparison.Ordinal);

    /// <summary>The most frequent characters, by code point; then the forms in which they continue words, as far as they occur.</summary>
    private static IEnumerable<string> Alphabet(WordCounts counts)
    {
        Dictionary<Rune, long> characters = [];
        HashSet<string> continuing = [];
        foreach ((string word, long count) in counts.All)
        {
            foreach (Rune character in word.EnumerateRunes())
            {
                characters[character] = characters.GetValueOrDefault(character) + count;
            }

            continuing.UnionWith(Forms(word).Skip(1));
        }

        Rune[] alphabet = [.. characters.OrderByDescending(c => c.Value).ThenBy(c => c.Key).Take(MaxAlphabet).Select(c => c.Key).Order()];
        return [.. alphabet.Select(c => c.ToString()), .. alphabet.Select(c => Continuing + c).Where(continuing.Contains)];
    }

    private static IEnumerable<string> Forms(string word) => word.EnumerateRunes().Select((c, i) => i == 0 ? c.ToString() : Continuing + c);

    private void Cut(ReadOnlySpan<char> word, ref TokenList tokens)
    {
        int before = tokens.Count;
        bool tooLong = word.Length > MaxWord && CountCharacters(word) > MaxWord;
        for (int start = 0; start < word.Length;)
        {
            int id = Unknown;
            int length = tooLong ? 0 : Math.Min(_longest, word.Length - start);
            while (length > 0 && !(start == 0 ? _initial : _continuing).TryGetValue(word.Slice(start, length), out id))
            {
                length--;
            }

            if (length == 0)
            {
                tokens.Truncate(before);
                tokens.Add(Unknown);
                return;
            }

            tokens.Add(id);
            start += length;
        }
    }

    private static int CountCharacters(ReadOnlySpan<char> word)
    {
        int count = 0;
        foreach (Rune _ in word.EnumerateRunes())
        {
            count++;
        }

        return count;
    }
}
