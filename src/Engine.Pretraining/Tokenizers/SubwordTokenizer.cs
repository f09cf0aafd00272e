using System.Buffers;
using System.Text;
using System.Text.Json;
using Engine.Pretraining.Logs;
using Engine.Pretraining.Tokenizers.Normalization;

namespace Engine.Pretraining.Tokenizers;

/// <summary>
/// Pieces of characters in the manner of SentencePiece (Kudo and Richardson 2018): the text is normalized, blanks are written ▁
/// so that they belong to pieces, and a model cuts the whole: byte-pair merges (Llama, Mistral, Gemma) or a unigram
/// language model (T5, XLNet, ALBERT).
/// </summary>
public sealed class SubwordTokenizer : ITokenizer
{
    /// <summary>How pieces write a blank (U+2581).</summary>
    internal const char Blank = '▁';

    /// <inheritdoc cref="Blank"/>
    internal const string BlankText = "▁";

    /// <summary>What stands for an unknown token in text, as in SentencePiece.</summary>
    private const string UnknownText = " ⁇ ";

    /// <summary>The name, among kinds that are learned, of merges of characters.</summary>
    internal const string Metaspace = "metaspace";

    private readonly PieceCache _cache = new();
    private readonly SearchValues<string>? _symbols;
    private readonly int _longestSymbol;

    internal SubwordTokenizer(PieceModel model, Normalizer[] normalizers, bool cutsAtBlanks, bool dropsFirstBlank, string[] symbols, SequenceTemplate template)
    {
        (Model, Normalizers, CutsAtBlanks, DropsFirstBlank, Symbols, Template) = (model, normalizers, cutsAtBlanks, dropsFirstBlank, Array.FindAll(symbols, model.Vocabulary.Ids.ContainsKey), template);
        SpecialTokens = SpecialTokens.ByName(model.Vocabulary.Special, model.Vocabulary.Unknown);
        _symbols = Symbols.Length > 0 ? SearchValues.Create(Symbols, StringComparison.Ordinal) : null;
        _longestSymbol = Symbols.Select(s => s.Length).DefaultIfEmpty().Max();
    }

    /// <inheritdoc/>
    public string Kind => Model.Kind;

    /// <inheritdoc/>
    public int VocabSize => Model.Vocabulary.Tokens.Length;

    /// <inheritdoc/>
    public SpecialTokens SpecialTokens { get; }

    /// <inheritdoc/>
    public SequenceTemplate Template { get; }

    private static Normalizer[] TrainedNormalizers => [new UnicodeForm(true, true), new Prepend(BlankText), new Replace(" ", false, BlankText)];

    internal PieceModel Model { get; }

    internal Normalizer[] Normalizers { get; }

    /// <summary>Every ▁ begins a piece (Metaspace).</summary>
    internal bool CutsAtBlanks { get; }

    /// <summary>The first blank of a text is left out when it is decoded: normalization put it there.</summary>
    internal bool DropsFirstBlank { get; }

    /// <summary>Stretches of text that are a token always, whatever the model says (user-defined symbols).</summary>
    internal string[] Symbols { get; }

    /// <summary>
    /// Learns a unigram model (<see cref="UnigramTrainer"/>): the special tokens of <see cref="BytePairTokenizer"/>, sentinels, 256 bytes for
    /// characters that the corpus lacks, pieces. Text is normalized to NFKC and is otherwise kept, white space too.
    /// </summary>
    /// <param name="corpus">The text.</param>
    /// <param name="vocabSize">V, all tokens counted; a small corpus may give fewer.</param>
    /// <param name="extraIds">T5's sentinels.</param>
    /// <param name="coverage">The share of the text whose characters become pieces; the rarest others become bytes (SentencePiece: 0.9995).</param>
    /// <param name="progress">Told how far it is; null for nobody.</param>
    /// <exception cref="EngineException">V has no room for the characters, or the text is not valid Unicode.</exception>
    public static SubwordTokenizer Train(ReadOnlySpan<char> corpus, int vocabSize, int extraIds = 100, double coverage = 0.9995, IProgress<WorkDone>? progress = null)
    {
        Start start = Prepare("unigram", corpus, vocabSize, extraIds, coverage);
        List<(string Piece, float Score)> pieces = new UnigramTrainer(start.Words).Train(vocabSize - start.Tokens.Count, progress);
        float[] scores = [.. new float[start.Tokens.Count], .. pieces.Select(p => p.Score)];
        start.Tokens.AddRange(pieces.Select(p => p.Piece));
        return Of(new UnigramModel(start.Vocabulary("unigram"), scores));
    }

    /// <summary>
    /// Learns merges of characters (<see cref="MergeTrainer"/>), as SentencePiece's BPE and Llama 2 have them: what <see cref="Train"/> begins with,
    /// then the characters of the corpus, the most frequent first, then what merges make of them.
    /// </summary>
    /// <param name="corpus">The text.</param>
    /// <param name="vocabSize">V, all tokens counted; a small corpus may give fewer.</param>
    /// <param name="minFrequency">The fewest occurrences of a pair that is merged.</param>
    /// <param name="extraIds">T5's sentinels.</param>
    /// <param name="coverage">As for <see cref="Train"/>.</param>
    /// <param name="progress">Told how far it is; null for nobody.</param>
    /// <exception cref="EngineException">V has no room for the characters, or the text is not valid Unicode.</exception>
    public static SubwordTokenizer TrainMerges(ReadOnlySpan<char> corpus, int vocabSize, int minFrequency = 2, int extraIds = 100, double coverage = 0.9995, IProgress<WorkDone>? progress = null)
    {
        Start start = Prepare(Metaspace, corpus, vocabSize, extraIds, coverage);
        Dictionary<Rune, long> counts = [];
        foreach ((string word, long count) in start.Words)
        {
            foreach (Rune character in word.EnumerateRunes())
            {
                counts[character] = counts.GetValueOrDefault(character) + count;
            }
        }

        Dictionary<Rune, int> ids = [];
        foreach ((Rune character, _) in counts.OrderByDescending(c => c.Value).ThenBy(c => c.Key))
        {
            ids[character] = start.Tokens.Count;
            start.Tokens.Add(character.ToString());
        }

        MergeTrainer trainer = new();
        foreach ((string word, long count) in start.Words)
        {
            trainer.Add([.. word.EnumerateRunes().Select(c => ids[c])], count);
        }

        int first = start.Tokens.Count;
        List<Merge> merges = trainer.Train(first, vocabSize - first, minFrequency, progress);
        merges.ForEach(merge => start.Tokens.Add(start.Tokens[merge.Left] + start.Tokens[merge.Right]));
        return Of(new CharacterMerges(start.Vocabulary(Metaspace), merges, [.. Enumerable.Range(first, merges.Count)]));
    }

    private static Start Prepare(string kind, ReadOnlySpan<char> corpus, int vocabSize, int extraIds, double coverage)
    {
        ByteTokenizer.RefuseLoneSurrogate(corpus, kind);
        string[] special = [.. BytePairTokenizer.TrainedSpecial, .. Enumerable.Range(0, extraIds).Select(SpecialTokens.Sentinel)];
        List<string> tokens = [.. special, .. Enumerable.Range(0, 256).Select(b => PieceVocabulary.SpellByte((byte)b))];
        UnigramWords words = new(TrainedNormalizers);
        words.Count(corpus);
        IEnumerable<KeyValuePair<string, long>> covered = words.Covered(coverage, out int characters);
        if (vocabSize < tokens.Count + characters)
        {
            throw new EngineException(
                $"tokenizer {kind}: vocab_size {vocabSize} has no room for 256 bytes, {special.Length} special tokens and sentinels (extra_ids) and {characters} characters of the corpus; it must be at least {tokens.Count + characters}.");
        }

        return new Start(special, tokens, covered);
    }

    private static SubwordTokenizer Of(PieceModel model) =>
        new(model, TrainedNormalizers, cutsAtBlanks: false, dropsFirstBlank: true, [], SequenceTemplate.None);

    /// <inheritdoc/>
    /// <remarks>The text of a special token is text like any other.</remarks>
    public int[] Encode(ReadOnlySpan<char> text)
    {
        TokenList tokens = new(text.Length / 3 + 16);
        TokenList lengths = new(64);
        ByteTokenizer.RefuseLoneSurrogate(text, Kind);
        ReadOnlySpan<char> normalized = Normalizer.Apply(Normalizers, text, tracked: false).Text;
        for (int start = 0; start < normalized.Length;)
        {
            int end = Next(normalized, start, out int symbol);
            if (symbol >= 0)
            {
                tokens.Add(symbol);
            }
            else if (!_cache.TryAdd(normalized, start, end, ref tokens, out PieceCache.Key key))
            {
                int first = tokens.Count;
                Model.Encode(normalized[start..end], ref tokens, ref lengths);
                lengths.Truncate(0);
                _cache.Set(key, normalized[start..end], tokens.All[first..]);
            }

            start = end;
        }

        return tokens.ToArray();
    }

    /// <inheritdoc/>
    public TokenSpan[] EncodeSpans(ReadOnlySpan<char> text)
    {
        TokenList tokens = new(text.Length / 3 + 16);
        TokenList lengths = new(text.Length / 3 + 16);
        ByteTokenizer.RefuseLoneSurrogate(text, Kind);
        TokenList own = new(16);
        AlignedText normalized = Normalizer.Apply(Normalizers, text, tracked: true);
        for (int start = 0; start < normalized.Length;)
        {
            int end = Next(normalized.Text, start, out int symbol);
            if (symbol >= 0)
            {
                tokens.Add(symbol);
                lengths.Add(end - start);
            }
            else
            {
                Model.Encode(normalized.Text[start..end], ref tokens, ref own);
                lengths.Add(own.All);
                own.Truncate(0);
            }

            start = end;
        }

        TokenSpan[] spans = new TokenSpan[tokens.Count];
        int at = 0;
        for (int i = 0; i < spans.Length; i++)
        {
            // Bytes of one character: the last has its length, and all have its place.
            int whole = i;
            while (lengths.All[whole] == 0)
            {
                whole++;
            }

            (int start, int end) = normalized.Origin(at, at + lengths.All[whole]);
            spans[i] = new TokenSpan(tokens.All[i], start, end - start);
            at += lengths.All[i];
        }

        return spans;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// What normalization changed stays changed. Special tokens appear as they are spelled, an unknown one as <c> ⁇ </c>. Bytes that
    /// are not whole UTF-8 characters become U+FFFD.
    /// </remarks>
    public string Decode(ReadOnlySpan<int> tokens)
    {
        PieceVocabulary vocabulary = Model.Vocabulary;
        ArrayBufferWriter<byte> text = new((4 * tokens.Length) + 1);
        for (int i = 0; i < tokens.Length; i++)
        {
            int token = tokens[i];
            string piece = (uint)token < (uint)VocabSize && vocabulary.Tokens[token] is string known
                ? known
                : throw new EngineException($"{Kind} tokenizer: token {token} at position {i} is not in the vocabulary of {VocabSize} tokens.");
            if (vocabulary.ByteOf.TryGetValue(token, out byte value))
            {
                text.Write([value]);
                continue;
            }

            bool spoken = !vocabulary.Special.ContainsKey(token);
            piece = token == vocabulary.Unknown ? UnknownText : spoken ? piece.Replace(Blank, ' ') : piece;
            Encoding.UTF8.GetBytes(i == 0 && spoken && DropsFirstBlank && piece is [' ', ..] ? piece.AsSpan(1) : piece, text);
        }

        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    /// <inheritdoc/>
    public string Separator(int next) =>
        DropsFirstBlank && (uint)next < (uint)VocabSize && !Model.Vocabulary.Special.ContainsKey(next) && next != Model.Vocabulary.Unknown
        && Model.Vocabulary.Tokens[next] is [Blank, ..] ? " " : string.Empty;

    /// <inheritdoc/>
    public string Spell(int token) => Model.Vocabulary.Tokens[token] ?? string.Empty;

    /// <inheritdoc/>
    public void WriteProperties(Utf8JsonWriter writer) => HuggingFacePipeline.Write(writer, this);

    /// <summary>The end of the stretch that begins here: a symbol, or something for the model.</summary>
    private int Next(ReadOnlySpan<char> text, int start, out int symbol)
    {
        symbol = -1;
        int end = text.Length;

        // No piece crosses the beginning of a word, so cutting there changes nothing but the time.
        if (CutsAtBlanks || !Model.CrossesWords)
        {
            int blanks = CutsAtBlanks ? 1 : text[start..].IndexOfAnyExcept(Blank);
            blanks = blanks < 0 ? text.Length - start : Math.Max(1, blanks);
            int cut = start + blanks < end ? text[(start + blanks)..].IndexOf(Blank) : -1;
            end = cut < 0 ? end : start + blanks + cut;
        }

        if (_symbols is null)
        {
            return end;
        }

        int to = text[start..Math.Min(text.Length, end + _longestSymbol - 1)].IndexOfAny(_symbols);
        if (to != 0)
        {
            return to < 0 || start + to > end ? end : start + to;
        }

        string best = string.Empty;
        foreach (string candidate in Symbols)
        {
            best = candidate.Length > best.Length && text[start..].StartsWith(candidate, StringComparison.Ordinal) ? candidate : best;
        }

        symbol = Model.Vocabulary.Ids[best];
        return start + best.Length;
    }

    /// <summary>What is there before pieces are learned, and the words to learn from.</summary>
    private sealed record Start(string[] Special, List<string> Tokens, IEnumerable<KeyValuePair<string, long>> Words)
    {
        /// <summary>All tokens, of which unknown text becomes bytes.</summary>
        public PieceVocabulary Vocabulary(string name) => new(
            name, [.. Tokens], new(Special.Index().ToDictionary(s => s.Index, s => s.Item)), Array.IndexOf(Special, "<unk>"), byteFallback: true, fuseUnknown: true);
    }
}
