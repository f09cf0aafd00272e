using Engine.Pretraining.Configuration;
using Engine.Pretraining.Data;
using Engine.Pretraining.Generation;
using Engine.Pretraining.Models;
using Engine.Pretraining.Tokenizers;
using Engine.Pretraining.Training;

namespace Engine.Pretraining.Objectives;

/// <summary>
/// Predict the next token: mean cross-entropy over all positions of windows drawn at random from the training split;
/// evaluation uses a fixed set of windows of the validation split.
/// </summary>
public sealed class CausalLanguageModeling : IObjective
{
    /// <summary>The row of the catalog.</summary>
    internal static readonly ObjectiveEntry Entry = new(
        "clm", "causal language modelling", "Radford et al., Improving language understanding by generative pre-training, 2018",
        "−mean over t of log p(x_t | x_<t)", ["gpt2", "llama", "mixtral"], "shakespeare-char", Create);

    private readonly CausalLanguageModel _model;
    private readonly ISampler _training;
    private readonly EvaluationSet _evaluation;
    private readonly int[] _inputIds;
    private readonly int[] _labels;

    /// <summary>An objective over two splits of a corpus.</summary>
    /// <param name="model">The model to train.</param>
    /// <param name="training">Draws training windows.</param>
    /// <param name="evaluation">The evaluation windows; batches of the same size as training's.</param>
    public CausalLanguageModeling(CausalLanguageModel model, ISampler training, EvaluationSet evaluation)
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

    /// <inheritdoc/>
    public IReadOnlyList<EvaluationFigure> TakeFigures() => _model.TakeFigures();

    private static PretrainTask Create(TaskContext context)
    {
        PretrainConfig config = context.Config;
        PretrainData data = PretrainData.Open(config, context.Tokenizer, context.Fingerprint);
        CausalLanguageModel model = (CausalLanguageModel)ModelCatalog.Create(context.Device, config, data.Tokenizer.VocabSize);
        return new PretrainTask(
            model, new CausalLanguageModeling(model, data.Training, data.Validation), data.Tokenizer, data.Fingerprint,
            data.Dataset.Training.Count, data.Dataset.Validation.Count)
        {
            Data = data,
            Sample = step => Sample(model, data.Tokenizer, config, step),
        };
    }

    private static string Sample(CausalLanguageModel model, ITokenizer tokenizer, PretrainConfig config, long step)
    {
        SamplingOptions options = new() { Tokens = config.SampleTokens, Temperature = 0.8f, Seed = config.Seed + (ulong)step };
        int[] prompt = Prompt.Default(tokenizer);
        return tokenizer.Decode([.. prompt, .. TextGenerator.Generate(model, prompt, options)]);
    }

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
