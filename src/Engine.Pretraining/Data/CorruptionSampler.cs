namespace Engine.Pretraining.Data;

/// <summary>How a text becomes a source and a target: the denoising objectives that T5 was compared over (Raffel et al. 2020, section 3.3).</summary>
public enum Corruption
{
    /// <summary>Spans replaced by sentinels; the target is the spans.</summary>
    Spans,

    /// <summary>The first part is the source, the rest the target; the border is uniform (random_prefix_noise_mask).</summary>
    Prefix,

    /// <summary>Each token is, with probability of the noise density, a sentinel (nine times of ten) or any token; the target is the text (after BERT).</summary>
    Bert,

    /// <summary>The tokens in random order; the target is the text.</summary>
    Deshuffling,
}

/// <summary>Windows of a corpus, corrupted. Window w of a seed is corrupted the same way whenever it comes.</summary>
public sealed class CorruptionSampler : IPairSampler
{
    /// <summary>The Philox stream of the seed that corruptions are drawn from ("CORRUPT").</summary>
    private const ulong Stream = 0x54_50_55_52_52_4F_43;

    private readonly ISampler _windows;
    private readonly SpanLengths _lengths;
    private readonly Corruption _corruption;
    private readonly int[] _sentinels;
    private readonly int _eos;
    private readonly int _pad;
    private readonly double _noiseDensity;
    private readonly int _vocabSize;
    private readonly RandomStream _random;
    private readonly int[] _tokens;
    private readonly int[] _unused;
    private readonly bool[] _noise;

    /// <summary>A sampler.</summary>
    /// <param name="windows">Draws the texts; their length is that of <see cref="WindowLength"/>.</param>
    /// <param name="settings">What to do to them.</param>
    /// <param name="seed">Of the corruptions.</param>
    public CorruptionSampler(ISampler windows, CorruptionSettings settings, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _windows = windows;
        _corruption = settings.Corruption;
        (_sentinels, _eos, _pad, _noiseDensity, _vocabSize) = ([.. settings.Sentinels], settings.Eos, settings.Pad, settings.NoiseDensity, settings.VocabSize);
        _lengths = SpanLengths.Of(windows.SequenceLength, settings.NoiseDensity, settings.MeanSpanLength);
        (SourceLength, TargetLength) = _corruption switch
        {
            Corruption.Spans => (_lengths.Inputs, _lengths.Targets),
            Corruption.Prefix => (windows.SequenceLength, windows.SequenceLength),
            _ => (windows.SequenceLength + 1, windows.SequenceLength + 1),
        };
        _random = new RandomStream(seed, Stream);
        _tokens = new int[windows.BatchSize * windows.SequenceLength];
        _unused = new int[_tokens.Length];
        _noise = new bool[windows.SequenceLength];
    }

    /// <inheritdoc/>
    public int BatchSize => _windows.BatchSize;

    /// <inheritdoc/>
    public int SourceLength { get; }

    /// <inheritdoc/>
    public int TargetLength { get; }

    /// <inheritdoc/>
    public bool Pads => _corruption == Corruption.Prefix;

    /// <summary>The length of the texts whose corrupted form has block_size tokens.</summary>
    public static int WindowLength(Corruption corruption, int blockSize, double noiseDensity, double meanSpanLength) => corruption switch
    {
        Corruption.Spans => SpanLengths.ForInputs(blockSize, noiseDensity, meanSpanLength).Tokens,
        Corruption.Prefix => Math.Max(blockSize, 2),
        _ => Math.Max(blockSize - 1, 1),
    };

    /// <inheritdoc/>
    public (int Source, int Target) Fill(long index, Span<int> inputIds, Span<int> attentionMask, Span<int> labels)
    {
        int n = _windows.SequenceLength;
        _windows.Fill(index, _tokens, _unused);
        for (int row = 0; row < BatchSize; row++)
        {
            // No corruption draws more than four numbers a token.
            _random.Position = ((ulong)((index * BatchSize) + row)) * 4 * (ulong)n;
            Span<int> input = inputIds.Slice(row * SourceLength, SourceLength);
            Span<int> label = labels.Slice(row * TargetLength, TargetLength);
            (int source, int target) = Corrupt(_tokens.AsSpan(row * n, n), input, label);
            Span<int> mask = attentionMask.Slice(row * SourceLength, SourceLength);
            mask[..source].Fill(1);
            mask[source..].Clear();
            input[source..].Fill(_pad);
            label[target..].Fill(-100);
        }

        return (SourceLength, TargetLength);
    }

    private (int Source, int Target) Corrupt(Span<int> text, Span<int> input, Span<int> label)
    {
        switch (_corruption)
        {
            case Corruption.Spans:
                SpanNoise.Mask(_lengths, _random, _noise);
                return SpanNoise.Corrupt(text, _noise, _sentinels, _eos, input, label);
            case Corruption.Prefix:
                int border = 1 + (int)_random.NextInt(text.Length - 1);
                return (Ended(text[..border], input), Ended(text[border..], label));
            case Corruption.Bert:
                int target = Ended(text, label);
                for (int i = 0; i < text.Length; i++)
                {
                    bool hit = _random.NextUniform() < _noiseDensity;
                    bool replace = _random.NextUniform() < 0.1f;
                    int other = (int)_random.NextInt(_vocabSize);
                    text[i] = !hit ? text[i] : replace ? other : _sentinels[0];
                }

                return (Ended(text, input), target);
            default:
                int whole = Ended(text, label);
                for (int i = text.Length - 1; i > 0; i--)
                {
                    int j = (int)_random.NextInt(i + 1);
                    (text[i], text[j]) = (text[j], text[i]);
                }

                return (Ended(text, input), whole);
        }
    }

    private int Ended(ReadOnlySpan<int> text, Span<int> room)
    {
        text.CopyTo(room);
        room[text.Length] = _eos;
        return text.Length + 1;
    }
}

/// <summary>What a corruption needs to know of configuration and vocabulary.</summary>
/// <param name="Corruption">Which.</param>
/// <param name="NoiseDensity">Share of the tokens that is corrupted.</param>
/// <param name="MeanSpanLength">Mean length of a span.</param>
/// <param name="Sentinels">In the order of their use.</param>
/// <param name="Eos">The end token.</param>
/// <param name="Pad">The padding token.</param>
/// <param name="VocabSize">V.</param>
public sealed record CorruptionSettings(
    Corruption Corruption, double NoiseDensity, double MeanSpanLength, IReadOnlyList<int> Sentinels, int Eos, int Pad, int VocabSize);
