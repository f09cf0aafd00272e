using Engine.Nn;

namespace Engine.Pretraining.Models;

/// <summary>
/// What an encoder-decoder's decoder has read, so that one more target token costs one position: the keys and values of the target's
/// tokens, and those of the source, which each layer computes once. For inference; one cache a source and batch.
/// </summary>
public sealed class DecoderCache : IDisposable
{
    private readonly Tensor[] _keys;
    private readonly Tensor[] _values;

    /// <summary>An empty cache.</summary>
    /// <param name="target">For the target's tokens.</param>
    /// <param name="layers">Layers of the decoder.</param>
    internal DecoderCache(KeyValueCache target, int layers) => (Target, _keys, _values) = (target, new Tensor[layers], new Tensor[layers]);

    /// <summary>The keys and values of the target's tokens.</summary>
    public KeyValueCache Target { get; }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        Target.Dispose();
        foreach (Tensor tensor in _keys.Concat(_values).Where(t => t.IsDefined))
        {
            tensor.Dispose();
        }
    }

    /// <summary>Whether a layer has read the source.</summary>
    internal bool HasSource(int layer) => _keys[layer].IsDefined;

    /// <summary>Copies the keys and values of the source in a layer.</summary>
    internal void KeepSource(int layer, Tensor keys, Tensor values) => (_keys[layer], _values[layer]) = (keys.ToPersistent(), values.ToPersistent());

    /// <summary>The keys and values of the source in a layer, as members of the step.</summary>
    internal (Tensor Keys, Tensor Values) Source(int layer, StepScope step) => (step.Use(_keys[layer]), step.Use(_values[layer]));
}
