using Engine.Nn;
using Engine.Pretraining.Hub;
using Engine.Pretraining.Models;
using Engine.Pretraining.Tokenizers;
using Engine.Pretraining.Training;

namespace Engine.Pretraining.Generation;

/// <summary>An encoder-decoder of a run or of somebody else's folder, with its tokenizer, which writes a target for a source.</summary>
public sealed class TextToTextModel : IDisposable
{
    private readonly PretrainedModel _loaded;
    private readonly ITokenizer _tokenizer;
    private readonly int _start;
    private readonly int _eos;
    private readonly int _pad;
    private readonly int _longest;

    private TextToTextModel(PretrainedModel loaded, ITokenizer tokenizer, int? start, int longest)
    {
        (_loaded, _tokenizer, _longest) = (loaded, tokenizer, longest);
        _eos = loaded.EosTokens.Count > 0 ? loaded.EosTokens[0] : SpecialTokens.Require(tokenizer, s => s.Eos, "end", loaded.Architecture);
        _pad = SpecialTokens.Require(tokenizer, s => s.Pad, "padding", loaded.Architecture);
        _start = start ?? _pad;
    }

    /// <summary>The model.</summary>
    public Module Model => _loaded.Network;

    /// <summary>Whether a run or a folder holds such a model; reads its configuration only.</summary>
    /// <exception cref="EngineException">The configuration is damaged.</exception>
    public static bool IsAt(string path) => RunModel.IsRun(path)
        ? Checkpoint.ReadConfig(RunFolder.LatestCheckpoint(path)).Model is "t5" or "transformer"
        : ConfigAt(path) is { } json && json.Has("model_type") && json.Text("model_type") == "t5";

    /// <summary>Loads a run's newest checkpoint or a Hugging Face folder.</summary>
    /// <param name="device">Where to.</param>
    /// <param name="path">The folder.</param>
    /// <param name="tokenizer">File or folder of its tokenizer, if it is elsewhere.</param>
    /// <exception cref="EngineException">It cannot be loaded, is of another kind, or lacks a tokenizer or one of its special tokens.</exception>
    public static TextToTextModel Load(Device device, string path, string? tokenizer = null)
    {
        PretrainedModel loaded = Hub.Model.Load(path, device);
        try
        {
            if (loaded.Network is not EncoderDecoder)
            {
                throw new EngineException($"{path}: a {loaded.Architecture} is no encoder-decoder; expected t5 or transformer.");
            }

            int? start = RunModel.IsRun(path) ? null : ConfigAt(path)?.Ids("decoder_start_token_id").Cast<int?>().FirstOrDefault();
            int longest = RunModel.IsRun(path) && loaded.Network is Transformer ? Checkpoint.ReadConfig(RunFolder.LatestCheckpoint(path)).BlockSize : int.MaxValue;
            ITokenizer vocabulary = (tokenizer is null ? loaded.Tokenizer : TokenizerFile.Load(tokenizer))
                ?? throw new EngineException(loaded.TokenizerProblem ?? $"{path}: has no tokenizer; expected tokenizer.json or another published form beside the weights.");
            return new TextToTextModel(loaded, vocabulary, start, longest);
        }
        catch
        {
            loaded.Dispose();
            throw;
        }
    }

    /// <summary>The most likely target of a source.</summary>
    /// <param name="source">Text; the token that ends it is added.</param>
    /// <param name="tokens">The most tokens of the target.</param>
    /// <param name="search">Beams and the exponent of the length penalty (<see cref="SequenceDecoder.Beam"/>); null takes the most likely token each time.</param>
    /// <exception cref="EngineException">The source has something that the vocabulary lacks, or is too long.</exception>
    public string Write(string source, int tokens, BeamOptions? search = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        int[] ids = [.. _tokenizer.Encode(source), _eos];
        if (ids.Length > _longest)
        {
            throw new EngineException($"the source has {ids.Length} tokens, more than the {_longest} that {_loaded.Path} reads.");
        }

        EncoderDecoder model = (EncoderDecoder)Model;
        DecodingLimits limits = new(_start, _eos, _pad, Math.Min(tokens, _longest));
        int[] mask = new int[ids.Length];
        Array.Fill(mask, 1);
        return _tokenizer.Decode(tokens == 0 ? []
            : search is null ? SequenceDecoder.Greedy(model, ids, mask, 1, limits)[0]
            : SequenceDecoder.Beam(model, ids, limits, search.Beams, search.LengthPenalty).Tokens);
    }

    /// <summary>Frees the model.</summary>
    public void Dispose() => _loaded.Dispose();

    private static HubJson? ConfigAt(string folder) =>
        Path.Combine(folder, HubFolder.ConfigFile) is var file && Directory.Exists(folder) && File.Exists(file) ? HubJson.Read(file) : null;
}
