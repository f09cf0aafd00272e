using Engine.KernelLanguage;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Data;
using Engine.Pretraining.Models;
using Engine.Pretraining.Objectives.Masking;

namespace Engine.Pretraining.Objectives;

/// <summary>
/// Batches of masked sequences, as buffers on the host and, when asked for, as tensors of a step: B sequences of at most T tokens, and at
/// most P masked tokens of each. They are packed, one sequence after the other without padding, since most are shorter than T, but for a
/// few tokens that fill up a batch to a multiple of 16; places that only fill up have label −100. With captured graphs, whose shapes must
/// not change, every sequence is filled up to T tokens and P places instead.
/// <para>
/// A batch is a function of the seed and its number. Masks and the choices of pairs come from a Philox stream at a place of their own for
/// each sequence: with dynamic masks a new one each time the sequence comes up (Liu et al. 2019, section 4.1), with static ones only
/// <c>static_masks</c> different ones (Devlin et al.: 10). The evaluation set is the same for every seed.
/// </para>
/// </summary>
public sealed class EncoderBatches
{
    /// <summary>The label of a place that does not count.</summary>
    internal const int Ignored = -100;

    // The Philox streams of the seed: which sequences ("SEQS"), and what happens to them ("MASK"); 2²⁰ numbers for each sequence.
    private const ulong OrderStream = 0x53_51_45_53;
    private const ulong MaskStream = 0x4B_53_41_4D;
    private const int NumbersPerSequence = 20;

    // What the counts of a packed batch are rounded up to: fewer different shapes, whole vectors.
    private const int Multiple = 16;

    private readonly PretrainConfig _config;
    private readonly ISequences _training;
    private readonly ISequences _validation;
    private readonly TokenMasker _masker;
    private readonly int _pad;
    private readonly RandomStream _trainingRandom;
    private readonly RandomStream _evaluationRandom = new(0, MaskStream);
    private readonly MaskedTokens _chosen;
    private readonly int[] _ids;
    private readonly int[] _types;
    private readonly int[] _mask;
    private readonly int[] _rows;
    private readonly int[] _labels;
    private readonly int[] _left;
    private readonly int[] _right;
    private readonly int[] _places;
    private readonly int[] _pairs;
    private readonly int[] _positions;
    private readonly int[] _ranges;
    private readonly int[] _firstRows;
    private readonly bool _packed;
    private int _tokens;
    private int _predictions;

    /// <summary>Batches for a configuration.</summary>
    /// <param name="config">Keys batch_size, block_size, eval_batches, sampling, masking, static_masks and seed.</param>
    /// <param name="training">What trains.</param>
    /// <param name="validation">What validates.</param>
    /// <param name="masker">Hides tokens.</param>
    /// <param name="predictions">P, the most tokens hidden in a sequence.</param>
    /// <param name="pad">The token that fills up sequences.</param>
    public EncoderBatches(PretrainConfig config, ISequences training, ISequences validation, TokenMasker masker, int predictions, int pad)
    {
        ArgumentNullException.ThrowIfNull(config);
        (_config, _training, _validation, _masker, _pad) = (config, training, validation, masker, pad);
        _trainingRandom = new RandomStream(config.Seed, MaskStream);
        _chosen = new MaskedTokens(predictions);
        int tokens = BatchSize * SequenceLength;
        int places = BatchSize * predictions;
        (Predictions, _ids, _types, _mask) = (predictions, new int[tokens], new int[tokens], new int[tokens]);
        (_rows, _labels, _left, _right, _places) = (new int[places], new int[places], new int[places], new int[places], new int[places]);
        (_pairs, _firstRows) = (new int[BatchSize], new int[BatchSize]);
        (_positions, _ranges, _packed) = (new int[tokens], new int[2 * tokens], !config.CudaGraphs);
    }

    /// <summary>B.</summary>
    public int BatchSize => _config.BatchSize;

    /// <summary>T.</summary>
    public int SequenceLength => _config.BlockSize;

    /// <summary>P.</summary>
    public int Predictions { get; }

    /// <summary>Batches of the evaluation set.</summary>
    public int EvaluationBatches => _config.EvalBatches;

    /// <summary>The most tokens that a batch can have: B·T.</summary>
    public int Capacity => _ids.Length;

    /// <summary>Tokens of the batch that are no padding.</summary>
    public int RealTokens { get; private set; }

    /// <summary>What stood at the masked places, −100 where nothing is masked: at most B·P.</summary>
    public ReadOnlySpan<int> Labels => _labels.AsSpan(0, _predictions);

    /// <summary>The masked places, as rows of <see cref="InputIds"/>; as many as labels.</summary>
    public ReadOnlySpan<int> Rows => _rows.AsSpan(0, _predictions);

    /// <summary>N tokens with masks, sequence after sequence.</summary>
    public ReadOnlySpan<int> InputIds => _ids.AsSpan(0, _tokens);

    /// <summary>1 for a token, 0 for padding (N).</summary>
    public ReadOnlySpan<int> AttentionMask => _mask.AsSpan(0, _tokens);

    /// <summary>The place of each token in its sequence (N).</summary>
    public ReadOnlySpan<int> PositionIds => _positions.AsSpan(0, _tokens);

    /// <summary>For each token the row where its sequence begins and one past its last (N, 2).</summary>
    public ReadOnlySpan<int> Ranges => _ranges.AsSpan(0, 2 * _tokens);

    /// <summary>0 or 1 for each pair (B).</summary>
    public ReadOnlySpan<int> PairLabels => _pairs;

    /// <summary>Each masked token's place in its span; as many as labels.</summary>
    public ReadOnlySpan<int> Places => _places.AsSpan(0, _predictions);

    /// <summary>Fills the buffers with training batch <paramref name="batch"/>; allocates nothing.</summary>
    public void FillTraining(long batch)
    {
        (_tokens, _predictions, RealTokens) = (0, 0, 0);
        for (int b = 0; b < BatchSize; b++)
        {
            long serial = (batch * BatchSize) + b;
            (long epoch, long place) = Math.DivRem(serial, _training.Count);
            int index = _config.Sampling == "epoch"
                ? (int)new Permutation(_training.Count, _config.Seed, (ulong)epoch).At(place)
                : (int)Math.BigMul((ulong)Philox.Word(_config.Seed, OrderStream, (ulong)serial) << 32, (ulong)_training.Count, out _);
            long key = _config.Masking == "static" ? (epoch % _config.StaticMasks * _training.Count) + index : serial;
            Fill(b, _training, index, _trainingRandom, key);
        }

        FillUp();
    }

    /// <summary>Fills the buffers with a batch of the evaluation set: sequences spaced evenly over the validation split.</summary>
    public void FillEvaluation(int batch)
    {
        long sequences = (long)EvaluationBatches * BatchSize;
        (_tokens, _predictions, RealTokens) = (0, 0, 0);
        for (int b = 0; b < BatchSize; b++)
        {
            long serial = (((long)batch * BatchSize) + b) % sequences;
            Fill(b, _validation, (int)(serial * _validation.Count / sequences), _evaluationRandom, serial);
        }

        FillUp();
    }

    /// <summary>The sequences as a model reads them.</summary>
    public EncoderInput Input(StepScope step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Shape shape = _packed ? [1, _tokens] : [BatchSize, SequenceLength];
        Tensor ids = step.From<int>(InputIds, shape);
        Tensor types = step.From<int>(_types.AsSpan(0, _tokens), shape);
        return _packed
            ? new EncoderInput(ids, types, PositionIds: step.From<int>(PositionIds, shape), Ranges: step.From<int>(Ranges, [1, _tokens, 2]))
            : new EncoderInput(ids, types, step.From<int>(AttentionMask, shape));
    }

    /// <summary>The places of the masked tokens, as rows of all tokens.</summary>
    public Tensor MaskedRows(StepScope step) => ToStep(step, _rows);

    /// <summary>What stood there; −100 does not count.</summary>
    public Tensor MaskedLabels(StepScope step) => ToStep(step, _labels);

    /// <summary>The rows before each masked token's span.</summary>
    public Tensor LeftRows(StepScope step) => ToStep(step, _left);

    /// <summary>The rows after it.</summary>
    public Tensor RightRows(StepScope step) => ToStep(step, _right);

    /// <summary>Each masked token's place in its span, from 0.</summary>
    public Tensor SpanPlaces(StepScope step) => ToStep(step, _places);

    /// <summary>The labels of the pairs, (B).</summary>
    public Tensor Pairs(StepScope step) => step.From<int>(_pairs, [BatchSize]);

    /// <summary>The row of each sequence's first token, (B).</summary>
    public Tensor FirstRows(StepScope step) => step.From<int>(_firstRows, [BatchSize]);

    private Tensor ToStep(StepScope step, int[] values) => step.From<int>(values.AsSpan(0, _predictions), [_predictions]);

    // Appends sequence b and its masked places.
    private void Fill(int b, ISequences sequences, int index, RandomStream random, long key)
    {
        (int T, int first) = (SequenceLength, _tokens);
        Span<int> ids = _ids.AsSpan(first, T);
        Span<int> types = _types.AsSpan(first, T);
        random.Position = (ulong)key << NumbersPerSequence;
        EncodedSequence sequence = sequences.Fill(index, random, ids, types);
        (_firstRows[b], _pairs[b]) = (first, sequence.PairLabel);
        Append(sequence.Length, real: 1);
        RealTokens += sequence.Length;
        _masker.Mask(ids[..sequence.Length], random, _chosen);
        for (int i = 0; i < _chosen.Count; i++)
        {
            AddPlace(first + _chosen.Positions[i], _chosen.Labels[i]);
            int at = _predictions - 1;
            _left[at] = first + _chosen.SpanStarts[i] - 1;
            _right[at] = first + _chosen.SpanEnds[i];
            _places[at] = Math.Min(_chosen.Positions[i] - _chosen.SpanStarts[i], SpanBoundaryHead.MaxSpan - 1);
        }

        if (!_packed)
        {
            FillUp((b + 1) * T, (b + 1) * Predictions, first);
        }
    }

    // The tokens from _tokens on, already in their places but for padding, become one sequence.
    private void Append(int length, int real)
    {
        (int first, int end) = (_tokens, _tokens + length);
        for (int i = first; i < end; i++)
        {
            (_mask[i], _positions[i]) = (real, real * (i - first));
            (_ranges[2 * i], _ranges[(2 * i) + 1]) = (first, end);
        }

        _tokens = end;
    }

    private void AddPlace(int row, int label)
    {
        (_rows[_predictions], _labels[_predictions]) = (row, label);
        (_left[_predictions], _right[_predictions], _places[_predictions]) = (row, row, 0);
        _predictions++;
    }

    // Rounds up a packed batch; at least one place, since nothing may be masked.
    private void FillUp() => FillUp(
        Math.Min(_ids.Length, (_tokens + Multiple - 1) / Multiple * Multiple),
        Math.Min(_rows.Length, Math.Max(1, (_predictions + Multiple - 1) / Multiple) * Multiple),
        row: 0);

    private void FillUp(int tokens, int places, int row)
    {
        _ids.AsSpan(_tokens, tokens - _tokens).Fill(_pad);
        _types.AsSpan(_tokens, tokens - _tokens).Clear();
        Append(tokens - _tokens, real: 0);
        while (_predictions < places)
        {
            AddPlace(row, Ignored);
        }
    }
}
