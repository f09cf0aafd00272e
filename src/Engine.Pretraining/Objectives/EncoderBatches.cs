using Engine.KernelLanguage;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Data;
using Engine.Pretraining.Models;
using Engine.Pretraining.Objectives.Masking;

namespace Engine.Pretraining.Objectives;

/// <summary>
/// Batches of masked sequences, as buffers on the host and, when asked for, as tensors of a step. Every buffer has a fixed size: B
/// sequences of T tokens, and P masked tokens of each, where places that are not used have label −100 and point at the first token.
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
        _pairs = new int[BatchSize];
    }

    /// <summary>B.</summary>
    public int BatchSize => _config.BatchSize;

    /// <summary>T.</summary>
    public int SequenceLength => _config.BlockSize;

    /// <summary>P.</summary>
    public int Predictions { get; }

    /// <summary>Batches of the evaluation set.</summary>
    public int EvaluationBatches => _config.EvalBatches;

    /// <summary>What stood at the masked places, −100 where nothing is masked: (B·P).</summary>
    public ReadOnlySpan<int> Labels => _labels;

    /// <summary>The masked places as rows b·T + t: (B·P).</summary>
    public ReadOnlySpan<int> Rows => _rows;

    /// <summary>Tokens with masks (B·T).</summary>
    public ReadOnlySpan<int> InputIds => _ids;

    /// <summary>1 for a token, 0 for padding (B·T).</summary>
    public ReadOnlySpan<int> AttentionMask => _mask;

    /// <summary>0 or 1 for each pair (B).</summary>
    public ReadOnlySpan<int> PairLabels => _pairs;

    /// <summary>Each masked token's place in its span (B·P).</summary>
    public ReadOnlySpan<int> Places => _places;

    /// <summary>Fills the buffers with training batch <paramref name="batch"/>; allocates nothing.</summary>
    public void FillTraining(long batch)
    {
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
    }

    /// <summary>Fills the buffers with a batch of the evaluation set: sequences spaced evenly over the validation split.</summary>
    public void FillEvaluation(int batch)
    {
        long sequences = (long)EvaluationBatches * BatchSize;
        for (int b = 0; b < BatchSize; b++)
        {
            long serial = (((long)batch * BatchSize) + b) % sequences;
            Fill(b, _validation, (int)(serial * _validation.Count / sequences), _evaluationRandom, serial);
        }
    }

    /// <summary>The sequences as a model reads them.</summary>
    public EncoderInput Input(StepScope step) => new(ToStep(step, _ids, tokens: true), ToStep(step, _types, tokens: true), ToStep(step, _mask, tokens: true));

    /// <summary>The places of the masked tokens, (B·P) rows b·T + t.</summary>
    public Tensor MaskedRows(StepScope step) => ToStep(step, _rows);

    /// <summary>What stood there, (B·P); −100 does not count.</summary>
    public Tensor MaskedLabels(StepScope step) => ToStep(step, _labels);

    /// <summary>The rows before each masked token's span, (B·P).</summary>
    public Tensor LeftRows(StepScope step) => ToStep(step, _left);

    /// <summary>The rows after it.</summary>
    public Tensor RightRows(StepScope step) => ToStep(step, _right);

    /// <summary>Each masked token's place in its span, from 0.</summary>
    public Tensor SpanPlaces(StepScope step) => ToStep(step, _places);

    /// <summary>The labels of the pairs, (B).</summary>
    public Tensor Pairs(StepScope step) => ToStep(step, _pairs);

    private Tensor ToStep(StepScope step, int[] values, bool tokens = false) =>
        step.From<int>(values, tokens ? [BatchSize, SequenceLength] : [values.Length]);

    private void Fill(int b, ISequences sequences, int index, RandomStream random, long key)
    {
        (int T, int P) = (SequenceLength, Predictions);
        Span<int> ids = _ids.AsSpan(b * T, T);
        Span<int> types = _types.AsSpan(b * T, T);
        Span<int> mask = _mask.AsSpan(b * T, T);
        random.Position = (ulong)key << NumbersPerSequence;
        EncodedSequence sequence = sequences.Fill(index, random, ids, types);
        ids[sequence.Length..].Fill(_pad);
        types[sequence.Length..].Clear();
        mask[..sequence.Length].Fill(1);
        mask[sequence.Length..].Clear();
        _pairs[b] = sequence.PairLabel;
        _masker.Mask(ids[..sequence.Length], random, _chosen);
        for (int i = 0; i < P; i++)
        {
            int at = (b * P) + i;
            bool used = i < _chosen.Count;
            _rows[at] = (b * T) + (used ? _chosen.Positions[i] : 0);
            _labels[at] = used ? _chosen.Labels[i] : Ignored;
            _left[at] = (b * T) + (used ? _chosen.SpanStarts[i] - 1 : 0);
            _right[at] = (b * T) + (used ? _chosen.SpanEnds[i] : 0);
            _places[at] = used ? Math.Min(_chosen.Positions[i] - _chosen.SpanStarts[i], SpanBoundaryHead.MaxSpan - 1) : 0;
        }
    }
}
