using Engine.Nn;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Objectives;
using Engine.Pretraining.Tokenizers;

namespace Engine.Pretraining.Training;

/// <summary>What an objective gets to build its task from.</summary>
/// <param name="Device">Where the model shall live.</param>
/// <param name="Config">The validated configuration.</param>
/// <param name="Tokenizer">The tokenizer of the checkpoint that is resumed; null makes one from the corpus.</param>
/// <param name="Fingerprint">What <see cref="PretrainTask.Fingerprint"/> must be for a run to go on; null takes any.</param>
public sealed record TaskContext(Device Device, PretrainConfig Config, ITokenizer? Tokenizer = null, ulong? Fingerprint = null);

/// <summary>One model with its data and its objective: all that a run needs to know of what it trains.</summary>
/// <param name="Model">The model; the run owns it.</param>
/// <param name="Objective">Batches and loss.</param>
/// <param name="Tokenizer">Text to ids and back; a checkpoint carries it.</param>
/// <param name="Fingerprint">Equal for equal training data; a checkpoint stores it.</param>
/// <param name="TrainingTokens">Tokens that train.</param>
/// <param name="ValidationTokens">Tokens that validate.</param>
public sealed record PretrainTask(
    Module Model, IObjective Objective, ITokenizer Tokenizer, ulong Fingerprint, long TrainingTokens, long ValidationTokens) : IDisposable
{
    /// <summary>Text that shows what the model can do after a number of steps, a pure function of weights and step; null if it writes none.</summary>
    public Func<long, string>? Sample { get; init; }

    /// <summary>Writes what the model is used as into the run's folder, beside each checkpoint; null if checkpoints are all there is.</summary>
    public Action<string>? Export { get; init; }

    /// <summary>What the data holds open (a mapped file), if anything.</summary>
    public IDisposable? Data { get; init; }

    /// <summary>Frees the model and closes the data.</summary>
    public void Dispose()
    {
        Model.Dispose();
        Data?.Dispose();
    }
}
