using Engine.Nn;
using Engine.Pretraining.Tokenizers;

namespace Engine.Pretraining.Hub;

/// <summary>A model of somebody else's training: what <see cref="Model.Load"/> found.</summary>
public sealed class PretrainedModel : IDisposable
{
    private readonly Device? _owned;

    internal PretrainedModel(string path, string architecture, Module network, Device? owned)
    {
        (Path, Architecture, Network, _owned) = (path, architecture, network, owned);
    }

    /// <summary>The folder or file it came from.</summary>
    public string Path { get; }

    /// <summary>Hugging Face's <c>model_type</c>: gpt2, llama, bert …</summary>
    public string Architecture { get; }

    /// <summary>The model, for example a <see cref="Models.Gpt2"/>, <see cref="Models.Llama"/> or <see cref="Models.Bert"/>.</summary>
    public Module Network { get; }

    /// <summary>Its vocabulary; null if there is none in a format that is read here.</summary>
    public ITokenizer? Tokenizer { get; internal init; }

    /// <summary>Why there is no tokenizer although there is a file for one; otherwise null.</summary>
    public string? TokenizerProblem { get; internal init; }

    /// <summary>Parameters of heads that the weights lack, for example the head for masked tokens of a bare encoder: they have random first values.</summary>
    public IReadOnlyList<string> NewParameters { get; internal init; } = [];

    /// <summary>Tensors of heads that the model does not have.</summary>
    public IReadOnlyList<string> UnusedTensors { get; internal init; } = [];

    /// <summary>The token that prompts begin with; null if they begin with their text.</summary>
    public int? BosToken { get; internal init; }

    /// <summary>Tokens that end a text.</summary>
    public IReadOnlyList<int> EosTokens { get; internal init; } = [];

    /// <summary>Frees the model, and the device if loading opened it.</summary>
    public void Dispose()
    {
        Network.Dispose();
        _owned?.Dispose();
    }
}
