using Engine.Pretraining.Data;
using Engine.Pretraining.Models;

namespace Engine.Pretraining.Objectives;

/// <summary>
/// Predict the next token: mean cross-entropy over all positions of windows drawn at random from the training split;
/// evaluation uses a fixed set of windows of the validation split.
/// </summary>
public sealed class CausalLanguageModeling : IObjective
{
    private readonly Gpt2 _model;
    private readonly ISampler _training;
    private readonly EvaluationSet _evaluation;
    private readonly int[] _inputIds;
    private readonly int[] _labels;

    /// <summary>An objective over two splits of a corpus.</summary>
    /// <param name="model">The model to train.</param>
    /// <param name="training">Draws training windows.</param>
    /// <param name="evaluation">The evaluation windows; batches of the same size as training's.</param>
    public CausalLanguageModeling(Gpt2 model, ISampler training, EvaluationSet evaluation)
    {
        _model = model;
        _training = training;
        _evaluation = evaluation;
        _inputIds = new int[TokensPerBatch];
        _labels = new int[TokensPerBatch];
    }

    /// <inheritdoc/>
    public int TokensPerBatch => _training.BatchSize * _training.SequenceLength;

    /// <inheritdoc/>
    public int EvaluationBatches => _evaluation.Batches;

    /// <inheritdoc/>
    public Tensor TrainingLoss(StepScope step, long batch) => Loss(step, _training, batch);

    /// <inheritdoc/>
    public Tensor EvaluationLoss(StepScope step, int batch) => Loss(step, _evaluation, batch);

    private Tensor Loss(StepScope step, ISampler sampler, long batch)
    {
        Tensor inputIds;
        Tensor labels;
        using (step.Device.Span("batch"))
        {
            sampler.Fill(batch, _inputIds, _labels);
            Shape shape = [sampler.BatchSize, sampler.SequenceLength];
            inputIds = step.From<int>(_inputIds, shape);
            labels = step.From<int>(_labels, shape);
        }

        using (step.Device.Span("forward"))
        {
            return _model.Loss(inputIds, labels);
        }
    }
}
