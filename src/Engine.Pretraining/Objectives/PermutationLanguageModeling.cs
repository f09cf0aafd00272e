using Engine.Pretraining.Configuration;
using Engine.Pretraining.Data;
using Engine.Pretraining.Models;
using Engine.Pretraining.Training;

namespace Engine.Pretraining.Objectives;

/// <summary>
/// Predict the last sixth of a text's tokens in a random order of factorisation, from the query stream (Yang et al. 2019). The memory of
/// mem_len tokens before a text is read anew with the present weights, where the original keeps what older weights made of it: so a batch
/// stays a function of its number, and a resumed run goes on to the bit.
/// </summary>
public sealed class PermutationLanguageModeling : IObjective
{
    /// <summary>The row of the catalog.</summary>
    internal static readonly ObjectiveEntry Entry = new(
        "plm", "permutation language modelling", "Yang et al., XLNet: generalized autoregressive pretraining for language understanding, 2019",
        "−mean over targets of log p(x_z(t) | x_z(<t)), z a random order", ["xlnet"], "xlnet-tiny", Create);

    private readonly XLNet _model;
    private readonly PermutationSampler _training;
    private readonly PermutationSampler _evaluation;
    private readonly int[] _memory;
    private readonly Tensor[] _read;
    private readonly int[] _inputIds;
    private readonly float[] _queryMask;
    private readonly float[] _contentMask;
    private readonly int[] _places;
    private readonly int[] _labels;
    private readonly int[] _best;
    private long _counted;
    private long _right;

    /// <summary>An objective.</summary>
    /// <param name="model">The model to train.</param>
    /// <param name="training">Training batches.</param>
    /// <param name="evaluation">Evaluation batches, of the same shape.</param>
    /// <param name="evaluationBatches">How many.</param>
    public PermutationLanguageModeling(XLNet model, PermutationSampler training, PermutationSampler evaluation, int evaluationBatches)
    {
        (_model, _training, _evaluation, EvaluationBatches) = (model, training, evaluation, evaluationBatches);
        (int B, int M, int T, int P) = (training.BatchSize, training.MemoryLength, training.TextLength, training.Predicted);
        _memory = new int[B * M];
        _read = new Tensor[model.Config.NLayer];
        _inputIds = new int[B * T];
        _queryMask = new float[B * T * (M + T)];
        _contentMask = new float[_queryMask.Length];
        _places = new int[B * P];
        _labels = new int[_places.Length];
        _best = new int[_places.Length];
    }

    /// <inheritdoc/>
    public int TokensPerBatch => _inputIds.Length;

    /// <inheritdoc/>
    public int EvaluationBatches { get; }

    /// <inheritdoc/>
    public Tensor TrainingLoss(StepScope step, long batch) => Logits(step, _training, batch).CrossEntropy(step.From<int>(_labels, [_labels.Length]));

    /// <inheritdoc/>
    public Tensor EvaluationLoss(StepScope step, int batch)
    {
        Tensor logits = Logits(step, _evaluation, batch);
        logits.ArgMax(-1).CopyTo<int>(_best);
        _counted += _labels.Length;
        for (int i = 0; i < _best.Length; i++)
        {
            _right += _best[i] == _labels[i] ? 1 : 0;
        }

        return logits.CrossEntropy(step.From<int>(_labels, [_labels.Length]));
    }

    /// <inheritdoc/>
    public IReadOnlyList<EvaluationFigure> TakeFigures()
    {
        double accuracy = (double)_right / Math.Max(_counted, 1);
        (_counted, _right) = (0, 0);
        return [new EvaluationFigure("plm_accuracy", accuracy)];
    }

    private static PretrainTask Create(TaskContext context)
    {
        PretrainConfig config = context.Config;
        if (config.BlockSize < 2)
        {
            throw new EngineException($"objective plm: block_size = {config.BlockSize} leaves nothing to predict a token from; take at least 2.");
        }

        PretrainData data = PretrainData.Open(config with { BlockSize = config.MemLen + config.BlockSize }, context.Tokenizer, context.Fingerprint);
        XLNet model = (XLNet)ModelCatalog.Create(context.Device, config, data.Tokenizer.VocabSize);
        PermutationLanguageModeling objective = new(
            model, new PermutationSampler(data.Training, config.MemLen, config.Seed), new PermutationSampler(data.Validation, config.MemLen, seed: 0),
            data.Validation.Batches);
        return new PretrainTask(model, objective, data.Tokenizer, data.Fingerprint, data.Dataset.Training.Count, data.Dataset.Validation.Count) { Data = data };
    }

    // Scores (B·P, V) of the predicted tokens.
    private Tensor Logits(StepScope step, PermutationSampler sampler, long batch)
    {
        (int B, int M, int T) = (sampler.BatchSize, sampler.MemoryLength, sampler.TextLength);
        Tensor inputIds;
        Tensor queryMask;
        Tensor contentMask;
        using (step.Device.Span("batch"))
        {
            sampler.Fill(batch, _memory, _inputIds, _queryMask, _contentMask, _places, _labels);
            inputIds = step.From<int>(_inputIds, [B, T]);
            queryMask = step.From<float>(_queryMask, [B, 1, T, M + T]);
            contentMask = step.From<float>(_contentMask, [B, 1, T, M + T]);
        }

        using ProfileSpan span = step.Device.Span("forward");
        if (M > 0)
        {
            _model.Memorize(step.From<int>(_memory, [B, M]), _read);
        }

        Tensor query = _model.Streams(inputIds, queryMask, contentMask, M > 0 ? _read : null).Query;
        return _model.Logits(query, step.From<int>(_places, [_places.Length]));
    }
}
