using Engine.Nn;
using Engine.Pretraining.Configuration;
using Engine.Serialization;

namespace Engine.Pretraining.Hub;

/// <summary>A folder as Hugging Face's libraries write it: <c>config.json</c>, weights in one file or several, a tokenizer.</summary>
internal static class HubFolder
{
    /// <summary>The configuration's file.</summary>
    public const string ConfigFile = "config.json";

    // Of an int8 matrix, which is read together with its scales.
    private const string Scale = "_scale";

    private static readonly string[] s_weights =
        ["model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json"];

    /// <summary>Opens the weights of a folder, whatever they are called.</summary>
    /// <exception cref="EngineException">There are none, or they are damaged; names the folder or the file.</exception>
    public static WeightFile OpenWeights(string folder)
    {
        string? named = Array.Find(s_weights, name => File.Exists(Path.Combine(folder, name)));
        string[] others = named is null ? [.. Directory.GetFiles(folder, "*.safetensors").Order(StringComparer.Ordinal)] : [];
        return (named, others) switch
        {
            ({ } name, _) => WeightFiles.Open(Path.Combine(folder, name)),
            (null, [string only]) => WeightFiles.Open(only),
            (null, []) => throw new EngineException($"{folder}: has no weights; expected one of {string.Join(", ", s_weights)}, or one file NAME.safetensors."),
            _ => throw new EngineException($"{folder}: has several files of weights ({string.Join(", ", others.Select(Path.GetFileName))}) and none called {s_weights[0]}; name the right one so."),
        };
    }

    /// <summary>Makes the model of a configuration and reads its weights; on a device without memory first, so that nothing is made that the file cannot fill.</summary>
    /// <param name="device">Where to.</param>
    /// <param name="json">The configuration.</param>
    /// <param name="architecture">Its architecture.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="fresh">Parameters of heads that the file lacks, which have first values.</param>
    /// <param name="unused">Tensors of heads that the model has not.</param>
    /// <exception cref="EngineException">Configuration and weights do not fit; names file, tensor and the nearest name.</exception>
    public static Module Load(Device device, HubJson json, HubArchitecture architecture, WeightFile weights, out string[] fresh, out string[] unused)
    {
        Dictionary<string, string> files = new(StringComparer.Ordinal);
        foreach (string name in weights.Entries.Keys)
        {
            if (name.EndsWith(Scale, StringComparison.Ordinal) && weights.Entries.ContainsKey(name[..^Scale.Length]))
            {
                continue;
            }

            string canonical = architecture.Names.Canonical(name);
            if (!files.TryAdd(canonical, name))
            {
                throw new EngineException($"{weights.Path}: {files[canonical]} and {name} are both {canonical}.");
            }
        }

        Func<Device, Module> create = architecture.Read(json, files.Keys.ToHashSet(StringComparer.Ordinal));
        using (MetaDevice meta = new())
        using (Module plan = Plan(create, meta, json.Path))
        {
            Dictionary<string, Parameter> parameters = plan.Parameters.ToDictionary(p => p.Name, StringComparer.Ordinal);
            fresh = [.. Missing(architecture.Names, parameters, files, weights.Path)];
            unused = [.. Unexpected(architecture.Names, parameters, files, weights.Path)];
            CheckShapes(parameters, files, weights);
        }

        Module model = create(device);
        try
        {
            weights.Load(model.Parameters.Where(p => files.ContainsKey(p.Name)).Select(p => (files[p.Name], p.Master)), exact: false);
            model.Refresh();
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static Module Plan(Func<Device, Module> create, MetaDevice meta, string path)
    {
        try
        {
            return create(meta);
        }
        catch (EngineException e)
        {
            throw new EngineException($"{path}: {e.Message}", e);
        }
    }

    private static IEnumerable<string> Missing(HubNames names, Dictionary<string, Parameter> parameters, Dictionary<string, string> files, string path)
    {
        foreach (string name in parameters.Keys.Where(name => !files.ContainsKey(name)))
        {
            yield return names.IsHead(name) ? name : throw new EngineException(
                $"{path}: lacks {name} {parameters[name].Value.Shape}.{Nearest.Suggest(name, files.Where(f => !parameters.ContainsKey(f.Key)).Select(f => f.Value))}");
        }
    }

    private static IEnumerable<string> Unexpected(HubNames names, Dictionary<string, Parameter> parameters, Dictionary<string, string> files, string path)
    {
        foreach ((string canonical, string name) in files.Where(f => !parameters.ContainsKey(f.Key) && !names.Ignores(f.Key)))
        {
            yield return names.IsHead(canonical) ? name : throw new EngineException(
                $"{path}: has {name}, which the model that the configuration describes has not.{Nearest.Suggest(canonical, parameters.Keys, "its nearest parameter ")}");
        }
    }

    private static void CheckShapes(Dictionary<string, Parameter> parameters, Dictionary<string, string> files, WeightFile weights)
    {
        foreach ((string name, Parameter parameter) in parameters.Where(p => files.ContainsKey(p.Key)))
        {
            WeightEntry entry = weights.Entries[files[name]];
            Shape shape = parameter.Value.Shape;
            if (!entry.Shape.SequenceEqual(shape.Span.ToArray().Select(size => (long)size)))
            {
                throw new EngineException($"{weights.Path}: {entry.Name} is {entry.DType} ({string.Join(", ", entry.Shape)}), but the configuration gives it shape {shape}.");
            }
        }
    }
}
