using Engine.Pretraining.Configuration;

namespace Engine.Pretraining.Hub;

/// <summary>All architectures that folders may have.</summary>
internal static class HubCatalog
{
    private static readonly HubArchitecture[] s_all = [.. DecoderArchitectures.All, .. EncoderArchitectures.All, TextToTextArchitectures.T5];

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. s_all.Select(a => a.ModelType)];

    /// <summary>The architecture of a folder.</summary>
    /// <exception cref="EngineException">It is none of these; lists them.</exception>
    public static HubArchitecture Find(HubJson json)
    {
        string name = json.Text("model_type");
        return Array.Find(s_all, a => a.ModelType == name) ?? throw new EngineException(
            $"{json.Path}: model_type {name} is unknown; expected one of {string.Join(", ", Names)}.{Nearest.Suggest(name, Names)}");
    }

    /// <summary>The architecture that a model is exported as; null if there is none.</summary>
    public static HubArchitecture? Of(Nn.Module model) => Array.Find(s_all, a => a.Describes(model));
}
