using System.Buffers;
using System.Text;
using System.Text.Json;
using Engine.Pretraining.Logs;
using Engine.Pretraining.Tokenizers.Normalization;

namespace Engine.Pretraining.Tokenizers;

/// <summary>
/// Byte-level byte-pair encoding (Radford et al. 2019, GPT-2): the text is cut into pieces (<see cref="PiecePattern"/>), the
/// bytes of a piece are merged in the order in which the merges were learned. No text is unknown. One vocabulary serves
/// GPT, Llama, RoBERTa, BART and T5: trained ones begin with RoBERTa's five special tokens and T5's sentinels.
/// </summary>
public sealed class BytePairTokenizer : ITokenizer
{
    /// <summary>The special tokens of vocabularies that are trained here: RoBERTa's.</summary>
    internal static IReadOnlyList<string> TrainedSpecial { get; } = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"];

    private readonly byte[]?[] _bytes;
    private readonly int[] _ids = new int[256];
    private readonly int[] _last;
    private readonly MergeTable _table;
    private readonly PieceCache _cache = new();
    private readonly WordCache _words = new();
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>>? _whole;

    /// <param name="bytes">The bytes of each token, a blank in place of a suffix; null where a file leaves an id out.</param>
    /// <param name="merges">In order of rank.</param>
    /// <param name="made">The token that each merge makes.</param>
    /// <param name="special">Tokens that stand for no text, by id.</param>
    /// <param name="how">How the text is prepared and cut.</param>
    internal BytePairTokenizer(byte[]?[] bytes, IReadOnlyList<Merge> merges, int[] made, AddedTokens special, BytePairSettings how)
    {
        (_bytes, Merges, Special, Settings) = (bytes, merges, special, how);
        _whole = how.IgnoreMerges ? new Dictionary<string, int>(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>() : null;
        _table = new MergeTable(merges, made, how.Ranks);
        SpecialTokens = SpecialTokens.ByName(special);
        Array.Fill(_ids, -1);
        _last = how.Suffixed is null ? _ids : [.. _ids];
        for (int id = 0; id < bytes.Length; id++)
        {
            if (bytes[id] is not byte[] token || special.ContainsKey(id))
            {
                continue;
            }

            bool ends = how.Suffixed is not null && how.Suffixed[id];
            if (token.Length == (ends ? 2 : 1))
            {
                (ends ? _last : _ids)[token[0]] = id;
            }

            _whole?.TryAdd(Encoding.UTF8.GetString(token), id);
        }
    }

    /// <inheritdoc/>
    public string Kind => "bpe";

    /// <inheritdoc/>
    public int VocabSize => _bytes.Length;

    /// <inheritdoc/>
    public SpecialTokens SpecialTokens { get; }

    internal IReadOnlyList<Merge> Merges { get; }

    internal AddedTokens Special { get; }

    /// <inheritdoc/>
    public SequenceTemplate Template => Settings.Template;

    internal BytePairSettings Settings { get; }

    /// <summary>
    /// Learns a vocabulary: special tokens, sentinels, the 256 bytes, merges. It stays smaller than asked for if the corpus
    /// has no more pairs that occur often enough.
    /// </summary>
    /// <param name="corpus">The text.</param>
    /// <param name="vocabSize">V, all tokens counted.</param>
    /// <param name="minFrequency">The fewest occurrences of a pair that is merged.</param>
    /// <param name="extraIds">T5's sentinels.</param>
    /// <param name="progress">Told how far it is; null for nobody.</param>
    /// <exception cref="EngineException">V has no room for the bytes, or the text is not valid Unicode.</exception>
    public static BytePairTokenizer Train(ReadOnlySpan<char> corpus, int vocabSize, int minFrequency = 2, int extraIds = 100, IProgress<WorkDone>? progress = null)
    {
        string[] special = [.. TrainedSpecial, .. Enumerable.Range(0, extraIds).Select(SpecialTokens.Sentinel)];
        int fixedCount = special.Length + 256;
        if (vocabSize < fixedCount)
        {
            throw new EngineException(
                $"tokenizer bpe: vocab_size {vocabSize} has no room for 256 bytes, {TrainedSpecial.Count} special tokens and {extraIds} sentinels (extra_ids); it must be at least {fixedCount}.");
        }

        int[] ids = new int[256];
        for (int i = 0; i < 256; i++)
        {
            ids[ByteLetters.Order[i]] = special.Length + i;
        }

        Gpt2Pattern pattern = new();
        MergeTrainer trainer = new();
        foreach ((string word, long count) in CountPieces(corpus, pattern).All)
        {
            trainer.Add(Array.ConvertAll(Encoding.UTF8.GetBytes(word), b => ids[b]), count);
        }

        List<Merge> merges = trainer.Train(fixedCount, vocabSize - fixedCount, minFrequency, progress);
        List<byte[]> bytes = [.. special.Select(Encoding.UTF8.GetBytes), .. ByteLetters.Order.Select(b => new[] { b })];
        foreach (Merge merge in merges)
        {
            bytes.Add([.. bytes[merge.Left], .. bytes[merge.Right]]);
        }

        return new BytePairTokenizer(
            [.. bytes], merges, [.. Enumerable.Range(fixedCount, merges.Count)], new(special.Index().ToDictionary(s => s.Index, s => s.Item)), new BytePairSettings(pattern));
    }

    /// <inheritdoc/>
    /// <remarks>The text of a special token is text like any other.</remarks>
    public int[] Encode(ReadOnlySpan<char> text)
    {
        ByteTokenizer.RefuseLoneSurrogate(text, Kind);
        if (Normalizes(text))
        {
            text = Normalizer.Apply(Settings.Normalizers, text, tracked: false).Text;
        }

        TokenList tokens = new(text.Length / 3 + 16);
        PiecePattern pattern = Settings.Pattern;
        for (int start = pattern.Start(text, 0); start < text.Length;)
        {
            int end = pattern.End(text, start);
            ulong word = WordCache.Key(text, start, end);
            if (word != 0 && _words.TryGet(word, out long pair))
            {
                tokens.AddPair(pair);
            }
            else if (!_cache.TryAdd(text, start, end, ref tokens, out PieceCache.Key key))
            {
                int first = tokens.Count;
                EncodePiece(text[start..end], ref tokens);
                _cache.Set(key, text[start..end], tokens.All[first..]);
                if (word != 0)
                {
                    _words.Set(word, tokens.All[first..]);
                }
            }

            start = pattern.Start(text, end);
        }

        return tokens.ToArray();
    }

    /// <inheritdoc/>
    public TokenSpan[] EncodeSpans(ReadOnlySpan<char> text)
    {
        ByteTokenizer.RefuseLoneSurrogate(text, Kind);
        AlignedText normalized = Normalizer.Apply(Settings.Normalizers, text, tracked: true);
        List<TokenSpan> spans = new(text.Length / 3);
        PiecePattern pattern = Settings.Pattern;
        for (int start = pattern.Start(normalized.Text, 0); start < normalized.Length;)
        {
            int end = pattern.End(normalized.Text, start);
            TokenList tokens = new(16);
            EncodePiece(normalized.Text[start..end], ref tokens);
            AddSpans(normalized, start, tokens.All, spans);
            start = pattern.Start(normalized.Text, end);
        }

        return [.. spans];
    }

    /// <inheritdoc/>
    /// <remarks>Bytes that are not whole UTF-8 characters, as at the end of a cut sequence, become U+FFFD. Special tokens appear as they are spelled.</remarks>
    public string Decode(ReadOnlySpan<int> tokens)
    {
        ArrayBufferWriter<byte> text = new(4 * tokens.Length + 1);
        for (int i = 0; i < tokens.Length; i++)
        {
            text.Write((uint)tokens[i] < (uint)_bytes.Length && _bytes[tokens[i]] is byte[] bytes
                ? bytes
                : throw new EngineException($"bpe tokenizer: token {tokens[i]} at position {i} is not in the vocabulary of {VocabSize} tokens."));
        }

        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    /// <inheritdoc/>
    string ITokenizer.Spell(int token) => Spelling(token) ?? string.Empty;

    /// <inheritdoc/>
    public void WriteProperties(Utf8JsonWriter writer) => HuggingFaceFile.Write(writer, this);

    /// <summary>A token as a vocabulary file writes it; null where the file leaves an id out.</summary>
    internal string? Spelling(int id)
    {
        if (Special.TryGetValue(id, out string? name) || _bytes[id] is not byte[] bytes)
        {
            return name;
        }

        return Suffix(id) > 0 ? ByteLetters.Write(bytes.AsSpan(0, bytes.Length - 1)) + ClipPattern.Suffix : ByteLetters.Write(bytes);
    }

    /// <summary>How many bytes of a token are its suffix.</summary>
    private int Suffix(int id) => Settings.Suffixed is bool[] suffixed && suffixed[id] ? 1 : 0;

    /// <summary>Whether normalization can change anything: Unicode's forms leave ASCII as it is.</summary>
    private bool Normalizes(ReadOnlySpan<char> text) =>
        Settings.Normalizers.Length > 0 && !(Array.TrueForAll(Settings.Normalizers, n => n is UnicodeForm) && Ascii.IsValid(text));

    /// <summary>Tokens of the piece that begins at a place: each has the characters that its bytes touch.</summary>
    private void AddSpans(AlignedText text, int place, ReadOnlySpan<int> tokens, List<TokenSpan> spans)
    {
        int width = 0;
        int size = 0;
        int inside = 0;
        foreach (int token in tokens)
        {
            int first = place;
            int left = _bytes[token]!.Length - Suffix(token);
            while (left > 0)
            {
                if (inside == 0)
                {
                    Rune.DecodeFromUtf16(text.Text[place..], out Rune rune, out width);
                    size = rune.Utf8SequenceLength;
                }

                int taken = Math.Min(left, size - inside);
                (left, inside) = (left - taken, inside + taken);
                if (inside == size)
                {
                    (place, inside) = (place + width, 0);
                }
            }

            (int start, int end) = text.Origin(first, inside > 0 ? place + width : place);
            spans.Add(new TokenSpan(token, start, end - start));
        }
    }

    private static WordCounts CountPieces(ReadOnlySpan<char> corpus, Gpt2Pattern pattern)
    {
        ByteTokenizer.RefuseLoneSurrogate(corpus, "bpe");
        WordCounts counts = new();
        for (int start = 0; start < corpus.Length;)
        {
            int end = pattern.End(corpus, start);
            counts.Add(corpus[start..end]);
            start = end;
        }

        return counts;
    }

    private void EncodePiece(ReadOnlySpan<char> piece, ref TokenList tokens)
    {
        if (_whole is { } whole && whole.TryGetValue(piece, out int id))
        {
            tokens.Add(id);
            return;
        }

        const int OnStack = 512;
        int most = 3 * piece.Length;
        Span<byte> bytes = most <= OnStack ? stackalloc byte[OnStack] : new byte[most];
        Span<int> ids = most <= OnStack ? stackalloc int[OnStack] : new int[most];
        int count = Encoding.UTF8.GetBytes(piece, bytes);
        for (int i = 0; i < count; i++)
        {
            ids[i] = (i == count - 1 ? _last : _ids)[bytes[i]];
        }

        tokens.Add(ids[.._table.Apply(ids[..count])]);
    }
}
