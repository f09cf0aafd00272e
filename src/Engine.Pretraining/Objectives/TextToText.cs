using Engine.Pretraining.Data;
using Engine.Pretraining.Models;

namespace Engine.Pretraining.Objectives;

/// <summary>
/// Write a target for a source: mean cross-entropy of the target's tokens, each predicted from the source and the true target
/// before it (teacher forcing). What source and target are is the sampler's matter: corrupted text, or a text and its translation.
/// </summary>
public sealed class TextToText : IObjective
{
    private readonly EncoderDecoder _model;
    private readonly IPairSampler _training;
    private readonly IPairSampler _evaluation;
    private readonly int _start;
    private readonly int _pad;
    private readonly int[] _inputIds;
    private readonly int[] _attentionMask;
    private readonly int[] _decoderInputIds;
    private readonly int[] _labels;
    private long _counted;
    private long _right;
    private int _real;

    /// <summary>An objective.</summary>
    /// <param name="model">The model to train.</param>
    /// <param name="training">Training batches.</param>
    /// <param name="evaluation">Evaluation batches 0 … <paramref name="evaluationBatches"/> − 1.</param>
    /// <param name="evaluationBatches">How many.</param>
    /// <param name="start">The token that a target is written after.</param>
    /// <param name="pad">What stands behind a target in the decoder's input.</param>
    public TextToText(EncoderDecoder model, IPairSampler training, IPairSampler evaluation, int evaluationBatches, int start, int pad)
    {
        (_model, _training, _evaluation, EvaluationBatches, _start, _pad) = (model, training, evaluation, evaluationBatches, start, pad);
        int B = Math.Max(training.BatchSize, evaluation.BatchSize);
        _inputIds = new int[B * Math.Max(training.SourceLength, evaluation.SourceLength)];
        _attentionMask = new int[_inputIds.Length];
        _labels = new int[B * Math.Max(training.TargetLength, evaluation.TargetLength)];
        _decoderInputIds = new int[_labels.Length];
        TokensPerBatch = training.BatchSize * (training.SourceLength + training.TargetLength);
    }

    /// <summary>Figures besides the accuracy, made once an evaluation; none by default.</summary>
    public Func<IEnumerable<EvaluationFigure>>? MoreFigures { get; init; }

    /// <inheritdoc/>
    public int TokensPerBatch { get; private set; }

    /// <inheritdoc/>
    public int EvaluationBatches { get; }

    /// <inheritdoc/>
    public Tensor TrainingLoss(StepScope step, long batch)
    {
        Batch b = Fill(step, _training, batch);
        TokensPerBatch = _real;
        using ProfileSpan span = step.Device.Span("forward");
        return _model.Loss(b.InputIds, b.DecoderInputIds, b.Labels, b.AttentionMask);
    }

    /// <inheritdoc/>
    public Tensor EvaluationLoss(StepScope step, int batch)
    {
        Batch b = Fill(step, _evaluation, batch);
        Tensor logits = _model.Logits(b.InputIds, b.DecoderInputIds, b.AttentionMask);
        Span<int> best = _decoderInputIds.AsSpan(0, b.Labels.Shape[0] * b.Labels.Shape[1]);
        logits.ArgMax(-1).CopyTo(best);
        for (int i = 0; i < best.Length; i++)
        {
            _counted += _labels[i] >= 0 ? 1 : 0;
            _right += _labels[i] == best[i] ? 1 : 0;
        }

        return logits.CrossEntropy(b.Labels);
    }

    /// <inheritdoc/>
    public IReadOnlyList<EvaluationFigure> TakeFigures()
    {
        double accuracy = (double)_right / Math.Max(_counted, 1);
        (_counted, _right) = (0, 0);
        return [new EvaluationFigure("target_accuracy", accuracy), .. MoreFigures?.Invoke() ?? []];
    }

    private Batch Fill(StepScope step, IPairSampler sampler, long index)
    {
        using ProfileSpan span = step.Device.Span("batch");
        int B = sampler.BatchSize;
        (int S, int T) = sampler.Fill(index, _inputIds, _attentionMask, _labels);
        EncoderDecoder.ShiftRight(_labels.AsSpan(0, B * T), T, _start, _pad, _decoderInputIds);
        _real = _attentionMask.AsSpan(0, B * S).Count(1) + (B * T) - _labels.AsSpan(0, B * T).Count(-100);
        return new Batch(
            step.From<int>(_inputIds.AsSpan(0, B * S), [B, S]),
            sampler.Pads ? step.From<int>(_attentionMask.AsSpan(0, B * S), [B, S]) : default,
            step.From<int>(_decoderInputIds.AsSpan(0, B * T), [B, T]),
            step.From<int>(_labels.AsSpan(0, B * T), [B, T]));
    }

    private readonly record struct Batch(Tensor InputIds, Tensor AttentionMask, Tensor DecoderInputIds, Tensor Labels);
}
