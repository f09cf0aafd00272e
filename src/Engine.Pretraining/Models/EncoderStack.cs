using Engine.Nn;

namespace Engine.Pretraining.Models;

/// <summary>L encoder layers, one after the other: <c>layer.0</c> … <c>layer.L−1</c>.</summary>
internal sealed class EncoderStack : Module
{
    private readonly EncoderLayer[] _layers;

    public EncoderStack(Device device, EncoderConfig config, Initializer normal, EncoderLayerNames? names = null)
        : base(device) => _layers = [.. Enumerable.Range(0, config.NumHiddenLayers)
            .Select(i => Add($"layer.{i}", new EncoderLayer(device, config, names ?? EncoderLayerNames.Bert, normal)))];

    /// <summary>x (B, T, C) → (B, T, C).</summary>
    /// <param name="x">Embedded tokens.</param>
    /// <param name="attention">Who sees whom.</param>
    public Tensor Forward(Tensor x, in AttentionOptions attention)
    {
        foreach (EncoderLayer layer in _layers)
        {
            x = layer.Forward(x, attention);
        }

        return x;
    }
}
