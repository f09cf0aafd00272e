using Engine.Nn;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Hub;
using Engine.Pretraining.Models;
using Engine.Pretraining.Tokenizers;
using Engine.Pretraining.Training;

namespace Engine.Pretraining.Generation;

/// <summary>A model loaded from a run's newest checkpoint or from somebody else's folder, with its tokenizer, ready to write text.</summary>
public sealed class TrainedModel : IDisposable
{
    private TrainedModel(CausalLanguageModel model, ITokenizer tokenizer, string checkpoint, int[] begin, IEnumerable<int> end)
    {
        Model = model;
        Tokenizer = tokenizer;
        CheckpointPath = checkpoint;
        (BeginTokens, EndTokens) = (begin, end.ToHashSet());
    }

    /// <summary>The model.</summary>
    public CausalLanguageModel Model { get; }

    /// <summary>Its vocabulary.</summary>
    public ITokenizer Tokenizer { get; }

    /// <summary>What every prompt begins with; a run's own models have nothing of the kind.</summary>
    public IReadOnlyList<int> BeginTokens { get; }

    /// <summary>The tokens that end a text.</summary>
    public IReadOnlySet<int> EndTokens { get; }

    /// <summary>The checkpoint it was read from.</summary>
    public string CheckpointPath { get; }

    /// <summary>Loads the newest checkpoint of a run; does not need the corpus, nor the run to be over.</summary>
    /// <exception cref="EngineException">There is no such run, or its checkpoint is damaged.</exception>
    public static TrainedModel Load(Device device, string run)
    {
        Module made = RunModel.Load(device, run, out string checkpoint, out PretrainConfig config, out ITokenizer tokenizer);
        if (made is CausalLanguageModel model)
        {
            return new TrainedModel(model, tokenizer, checkpoint, [], []);
        }

        made.Dispose();
        throw new EngineException(
            $"{checkpoint}: model {config.Model} was trained with objective {config.Objective} and does not write text; generate needs a causal language model such as gpt2.");
    }

    /// <summary>
    /// Loads a folder or file as <see cref="Hub.Model.Load"/> does. Prompts then begin with the token that the model's texts begin with, if
    /// any, and texts end where it ends them.
    /// </summary>
    /// <param name="device">Where to.</param>
    /// <param name="path">The folder or file.</param>
    /// <param name="tokenizer">File or folder of its tokenizer, if it is elsewhere.</param>
    /// <exception cref="EngineException">It cannot be loaded, has no tokenizer that is read here, or does not write text.</exception>
    public static TrainedModel LoadPretrained(Device device, string path, string? tokenizer = null)
    {
        PretrainedModel loaded = Hub.Model.Load(path, device);
        try
        {
            return new TrainedModel(
                loaded.Network as CausalLanguageModel ?? throw new EngineException($"{path}: a {loaded.Architecture} does not write text; generate needs a causal language model such as gpt2."),
                (tokenizer is null ? loaded.Tokenizer : TokenizerFile.Load(tokenizer)) ?? throw new EngineException(loaded.TokenizerProblem ?? $"{path}: has no tokenizer; expected tokenizer.json or another published form beside the weights."),
                path,
                loaded.BosToken is { } bos ? [bos] : [],
                loaded.EosTokens);
        }
        catch
        {
            loaded.Dispose();
            throw;
        }
    }

    /// <summary>Yields the continuation of a prompt piece by piece; the prompt itself is not repeated.</summary>
    /// <exception cref="EngineException">The prompt has something the vocabulary lacks, or an option is out of range.</exception>
    public IEnumerable<string> Continue(string prompt, SamplingOptions options, CancellationToken stop = default)
    {
        int[] text = !string.IsNullOrEmpty(prompt) ? Tokenizer.Encode(prompt) : BeginTokens.Count == 0 ? Prompt.Default(Tokenizer) : [];
        return Pieces(options, !string.IsNullOrEmpty(prompt), TextGenerator.Generate(Model, [.. BeginTokens, .. text], options, stop).TakeWhile(token => !EndTokens.Contains(token)));
    }

    /// <summary>Frees the model.</summary>
    public void Dispose() => Model.Dispose();

    // A character of several tokens is yielded when it is whole.
    private IEnumerable<string> Pieces(SamplingOptions options, bool continues, IEnumerable<int> tokens)
    {
        TextStream text = new(Tokenizer, continues);
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
