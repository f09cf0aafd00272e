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
    /// <param name="prompt">The text to continue; may be empty.</param>
    /// <param name="options">How to draw.</param>
    /// <param name="speculation">A draft model that makes it faster, if any.</param>
    /// <param name="stop">Ends the text early.</param>
    /// <exception cref="EngineException">The prompt has something the vocabulary lacks, or an option is out of range.</exception>
    public IEnumerable<string> Continue(string prompt, SamplingOptions options, Speculation? speculation = null, CancellationToken stop = default)
    {
        IReadOnlyList<int> start = Encode(prompt);
        IEnumerable<int> tokens = speculation is null
            ? TextGenerator.Generate(Model, start, options, stop)
            : SpeculativeGenerator.Generate(Model, speculation, start, options, stop);
        return Pieces(options.Stop, !string.IsNullOrEmpty(prompt), tokens.TakeWhile(token => !EndTokens.Contains(token)));
    }

    /// <summary>The best continuations that a beam search finds, the best first, each with log p and score.</summary>
    /// <param name="prompt">The text to continue; may be empty.</param>
    /// <param name="tokens">The most tokens of a text.</param>
    /// <param name="options">The search.</param>
    /// <param name="stopText">Texts are cut before these strings; the search does not know of them.</param>
    /// <param name="stop">Ends the search early.</param>
    /// <exception cref="EngineException">The prompt has something the vocabulary lacks or is too long, or an option is out of range.</exception>
    public IReadOnlyList<(string Text, BeamText Beam)> Search(
        string prompt, int tokens, BeamOptions options, IReadOnlyList<string> stopText, CancellationToken stop = default) =>
        [.. BeamGenerator.Generate(Model, Encode(prompt), tokens, options, EndTokens, stop)
            .Select(beam => (string.Concat(Pieces(stopText, !string.IsNullOrEmpty(prompt), beam.Tokens)), beam))];

    /// <summary>Another model as a draft for this one.</summary>
    /// <param name="draft">The model.</param>
    /// <param name="tokens">Tokens guessed before each pass.</param>
    /// <exception cref="EngineException">The vocabularies differ.</exception>
    public Speculation Draft(TrainedModel draft, int tokens)
    {
        ArgumentNullException.ThrowIfNull(draft);
        if (draft.Model.VocabSize != Model.VocabSize || draft.Tokenizer.VocabSize != Tokenizer.VocabSize)
        {
            throw Differ($"{draft.Model.VocabSize} tokens, and that of {CheckpointPath} {Model.VocabSize}");
        }

        for (int token = 0; token < Tokenizer.VocabSize; token++)
        {
            if (draft.Tokenizer.Spell(token) != Tokenizer.Spell(token))
            {
                throw Differ($"token {token} as '{draft.Tokenizer.Spell(token)}', and that of {CheckpointPath} as '{Tokenizer.Spell(token)}'");
            }
        }

        return new Speculation(draft.Model, tokens);

        EngineException Differ(string how) => new($"generate: the vocabulary of {draft.CheckpointPath} has {how}; a draft needs the model's own vocabulary.");
    }

    /// <summary>Frees the model.</summary>
    public void Dispose() => Model.Dispose();

    private int[] Encode(string prompt) =>
        [.. BeginTokens, .. !string.IsNullOrEmpty(prompt) ? Tokenizer.Encode(prompt) : BeginTokens.Count == 0 ? Prompt.Default(Tokenizer) : []];

    // A character of several tokens is yielded when it is whole.
    private IEnumerable<string> Pieces(IReadOnlyList<string> stopText, bool continues, IEnumerable<int> tokens)
    {
        TextStream text = new(Tokenizer, continues);
        StopText stop = new(stopText);
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
