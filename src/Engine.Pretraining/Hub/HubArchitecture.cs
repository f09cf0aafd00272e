using System.Text.Json;
using Engine.Nn;

namespace Engine.Pretraining.Hub;

/// <summary>One architecture of Hugging Face: which folders are of it, how they become a model, and how a model becomes one.</summary>
/// <param name="ModelType">The value of <c>model_type</c>.</param>
/// <param name="ClassName">What is written as the one of <c>architectures</c>.</param>
/// <param name="Names">The tensors' names.</param>
internal abstract record HubArchitecture(string ModelType, string ClassName, HubNames Names)
{
    /// <summary>Whether prompts begin with the token that begins texts, unless the folder says otherwise.</summary>
    public bool AddsBos { get; init; }

    /// <summary>Reads a configuration and gives what makes the model, on any device, for the tensors that there are (by their canonical names).</summary>
    /// <exception cref="EngineException">The configuration is not one that is known here; names file and key.</exception>
    public abstract Func<Device, Module> Read(HubJson json, IReadOnlySet<string> tensors);

    /// <summary>Whether this is what a model is exported as.</summary>
    public abstract bool Describes(Module model);

    /// <summary>Writes the model's shape as properties of an open object.</summary>
    public abstract void Write(Module model, Utf8JsonWriter writer);
}

/// <summary>An architecture with its model's types.</summary>
/// <param name="ModelType">As above.</param>
/// <param name="ClassName">As above.</param>
/// <param name="Names">As above.</param>
/// <param name="Table">The keys.</param>
/// <param name="ConfigOf">A model's configuration; null if the model is of another architecture.</param>
/// <param name="Create">Makes the model, with the heads that the tensors are for.</param>
internal sealed record HubArchitecture<TModel, TConfig>(
    string ModelType, string ClassName, HubNames Names, HubTable<TConfig> Table, Func<TModel, TConfig?> ConfigOf,
    Func<Device, TConfig, IReadOnlySet<string>, TModel> Create)
    : HubArchitecture(ModelType, ClassName, Names)
    where TModel : Module
    where TConfig : class
{
    /// <inheritdoc/>
    public override Func<Device, Module> Read(HubJson json, IReadOnlySet<string> tensors)
    {
        TConfig config = Table.Read(json);
        foreach ((string key, Func<TConfig, int> get) in Table.Counts)
        {
            if (get(config) > tensors.Count)
            {
                throw new EngineException($"{json.Path}: {key} is {get(config)}, but the weights are only {tensors.Count} tensors.");
            }
        }

        return device => Create(device, config, tensors);
    }

    /// <inheritdoc/>
    public override bool Describes(Module model) => model is TModel own && ConfigOf(own) is not null;

    /// <inheritdoc/>
    public override void Write(Module model, Utf8JsonWriter writer) => Table.Write(ConfigOf((TModel)model)!, writer);
}
