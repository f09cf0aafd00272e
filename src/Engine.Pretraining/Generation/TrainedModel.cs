using Engine.Nn;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Models;
using Engine.Pretraining.Tokenizers;
using Engine.Pretraining.Training;

namespace Engine.Pretraining.Generation;

/// <summary>A model loaded from a run's newest checkpoint, with its tokenizer, ready to write text.</summary>
public sealed class TrainedModel : IDisposable
{
    private TrainedModel(CausalLanguageModel model, ITokenizer tokenizer, string checkpoint)
    {
        Model = model;
        Tokenizer = tokenizer;
        CheckpointPath = checkpoint;
    }

    /// <summary>The model.</summary>
    public CausalLanguageModel Model { get; }

    /// <summary>Its vocabulary.</summary>
    public ITokenizer Tokenizer { get; }

    /// <summary>The checkpoint it was read from.</summary>
    public string CheckpointPath { get; }

    /// <summary>Loads the newest checkpoint of a run; does not need the corpus, nor the run to be over.</summary>
    /// <exception cref="EngineException">There is no such run, or its checkpoint is damaged.</exception>
    public static TrainedModel Load(Device device, string run)
    {
        string checkpoint = RunFolder.LatestCheckpoint(run);
        PretrainConfig config = Checkpoint.ReadConfig(checkpoint);
        ITokenizer tokenizer = Checkpoint.ReadTokenizer(checkpoint);
        Module made = ModelCatalog.Create(device, config, tokenizer.VocabSize);
        try
        {
            CausalLanguageModel model = made as CausalLanguageModel ?? throw new EngineException(
                $"{checkpoint}: model {config.Model} was trained with objective {config.Objective} and does not write text; generate needs a causal language model such as gpt2.");
            Checkpoint.LoadModel(checkpoint, model);
            return new TrainedModel(model, tokenizer, checkpoint);
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    /// <summary>Yields the continuation of a prompt piece by piece; the prompt itself is not repeated.</summary>
    /// <exception cref="EngineException">The prompt has something the vocabulary lacks, or an option is out of range.</exception>
    public IEnumerable<string> Continue(string prompt, SamplingOptions options, CancellationToken stop = default)
    {
        int[] tokens = string.IsNullOrEmpty(prompt) ? Prompt.Default(Tokenizer) : Tokenizer.Encode(prompt);
        return Pieces(options, TextGenerator.Generate(Model, tokens, options, stop));
    }

    /// <summary>Frees the model.</summary>
    public void Dispose() => Model.Dispose();

    // A character of several tokens is yielded when it is whole.
    private IEnumerable<string> Pieces(SamplingOptions options, IEnumerable<int> tokens)
    {
        TextStream text = new(Tokenizer);
        StopText stop = new(options.Stop);
        foreach (int token in tokens)
        {
            yield return stop.Push(text.Push(token));
            if (stop.Ended)
            {
                yield break;
            }
        }

        yield return stop.Push(text.Flush()) + stop.Flush();
    }
}
