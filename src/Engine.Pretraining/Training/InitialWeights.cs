using Engine.Nn;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Hub;
using Engine.Pretraining.Models;
using Engine.Pretraining.Tokenizers;

namespace Engine.Pretraining.Training;

/// <summary>
/// What a run begins with instead of random weights (key <c>init_from</c>, as in nanoGPT): the weights, the shape and the vocabulary of
/// another run or of a published model. The heads of the objective may be new; everything below them must be there.
/// </summary>
internal sealed class InitialWeights : IDisposable
{
    // What the names of a bare model begin with, longest first; behind it all encoders spell alike.
    private static readonly string[] s_bases = ["discriminator.electra.", "transformer.", "roberta.", "albert.", "model.", "bert."];

    private readonly CpuDevice _device;
    private readonly PretrainedModel _source;

    private InitialWeights(CpuDevice device, PretrainedModel source, ITokenizer tokenizer) => (_device, _source, Tokenizer) = (device, source, tokenizer);

    /// <summary>The source's vocabulary, which the run keeps.</summary>
    public ITokenizer Tokenizer { get; }

    /// <summary>
    /// Loads what <c>init_from</c> names: a run's folder, a folder of Hugging Face's, or a file of weights that <see cref="Hub.Model.Load"/>
    /// reads. If <c>tokenizer</c> names a file, that is the vocabulary, otherwise the source's own.
    /// </summary>
    /// <exception cref="EngineException">It cannot be loaded or has no tokenizer.</exception>
    public static InitialWeights Open(PretrainConfig config)
    {
        string path = config.InitFrom;
        CpuDevice device = new();
        PretrainedModel? source = null;
        try
        {
            source = Hub.Model.Load(path, device);
            ITokenizer tokenizer = (TokenizerFile.IsFile(config.Tokenizer) ? TokenizerFile.Load(config.Tokenizer) : source.Tokenizer)
                ?? throw new EngineException(source.TokenizerProblem ?? $"{path}: has no tokenizer; name its file with the key tokenizer, or put tokenizer.json beside the weights.");
            return new InitialWeights(device, source, tokenizer);
        }
        catch
        {
            source?.Dispose();
            device.Dispose();
            throw;
        }
    }

    /// <summary>A configuration with the source's shape; the rest of it stays.</summary>
    /// <exception cref="EngineException">The source is of a kind that no configuration describes, or that the objective does not train.</exception>
    public PretrainConfig Shape(PretrainConfig config)
    {
        PretrainConfig shaped;
        try
        {
            shaped = ModelShapes.Describe(_source.Network, config) with { Tokenizer = TokenizerFile.IsFile(config.Tokenizer) ? config.Tokenizer : Tokenizer.Kind };
        }
        catch (EngineException e)
        {
            throw new EngineException($"{_source.Path}: {e.Message}", e);
        }

        shaped = shaped.Validated($"init_from = {_source.Path}");
        using MetaDevice meta = new();
        using Module plan = ModelCatalog.Create(meta, shaped, Tokenizer.VocabSize);
        (object mine, object theirs) = (ModelShapes.Kind(plan), ModelShapes.Kind(_source.Network));
        return mine.Equals(theirs)
            ? shaped
            : throw new EngineException($"{_source.Path}: cannot be the start of model = {shaped.Model} with objective = {shaped.Objective}: it is {theirs}, the run would be {mine}.");
    }

    /// <summary>
    /// Copies every parameter that both have; of tables that are longer in the source, the first rows. Says in words what has been copied.
    /// </summary>
    /// <exception cref="EngineException">The source lacks a parameter below the heads, or one has another shape.</exception>
    public string CopyTo(Module model)
    {
        Dictionary<string, Parameter> sources = _source.Network.Parameters.ToDictionary(p => Key(p.Name), StringComparer.Ordinal);
        HashSet<string> fresh = [.. _source.NewParameters.Select(Key)];
        bool hasBase = model.Parameters.Any(p => Key(p.Name).Length < p.Name.Length);
        List<string> left = [];
        int copied = 0;
        foreach (Parameter parameter in model.Parameters)
        {
            string key = Key(parameter.Name);
            if (sources.TryGetValue(key, out Parameter? source) && !fresh.Contains(key))
            {
                parameter.Master.Load<float>(Rows(source, parameter));
                copied++;
            }
            else if (hasBase && key.Length == parameter.Name.Length)
            {
                left.Add(parameter.Name);
            }
            else
            {
                throw new EngineException($"{_source.Path}: has no {parameter.Name}, which model {model.GetType().Name} is made of.");
            }
        }

        model.Refresh();
        return $"{copied} of {copied + left.Count} tensors from {_source.Path}{(left.Count == 0 ? string.Empty : $"; new are {left.Count}, such as {left[0]}")}";
    }

    /// <summary>Frees the source.</summary>
    public void Dispose()
    {
        _source.Dispose();
        _device.Dispose();
    }

    private static string Key(string name) => Array.Find(s_bases, b => name.StartsWith(b, StringComparison.Ordinal)) is { } found ? name[found.Length..] : name;

    // Vocabularies are often padded in the table, and a run may use fewer positions than there are.
    private ReadOnlySpan<float> Rows(Parameter source, Parameter target)
    {
        (Shape from, Shape to) = (source.Master.Shape, target.Master.Shape);
        bool fits = from.Rank == to.Rank && from.Span[1..].SequenceEqual(to.Span[1..])
            && (from[0] == to[0] || (from[0] > to[0] && (to[0] == Tokenizer.VocabSize || target.Name.Contains("position", StringComparison.Ordinal) || target.Name.EndsWith("wpe.weight", StringComparison.Ordinal))));
        return fits
            ? source.Master.ToArray().AsSpan(0, (int)target.Master.Count)
            : throw new EngineException($"{_source.Path}: {source.Name} is {from}, but the run needs {to}.");
    }
}
