using Engine.Pretraining.Configuration;

namespace Engine.Pretraining.Models;

/// <summary>The shape of an XLNet, keys as in Hugging Face's <c>config.json</c>; the defaults are xlnet-base-cased's.</summary>
public sealed record XLNetConfig
{
    /// <summary>V, tokens in the vocabulary (vocab_size).</summary>
    public int VocabSize { get; init; } = 32000;

    /// <summary>C, the model width (d_model).</summary>
    public int DModel { get; init; } = 768;

    /// <summary>L, layers (n_layer).</summary>
    public int NLayer { get; init; } = 12;

    /// <summary>H, attention heads; divides C (n_head).</summary>
    public int NHead { get; init; } = 12;

    /// <summary>F, the width inside the feed-forward part (d_inner).</summary>
    public int DInner { get; init; } = 3072;

    /// <summary>ε of the layer norms (layer_norm_eps).</summary>
    public float LayerNormEps { get; init; } = 1e-12f;

    /// <summary>Dropout of embeddings, residual branches and feed-forward activations (dropout); attention itself has none here.</summary>
    public float Dropout { get; init; }

    /// <summary>The shape that a run's configuration describes for a vocabulary.</summary>
    public static XLNetConfig From(PretrainConfig config, int vocabSize)
    {
        ArgumentNullException.ThrowIfNull(config);
        return new XLNetConfig
        {
            VocabSize = vocabSize,
            DModel = config.NEmbd,
            NLayer = config.NLayer,
            NHead = config.NHead,
            DInner = config.IntermediateSize > 0 ? config.IntermediateSize : 4 * config.NEmbd,
            Dropout = (float)config.Dropout,
        };
    }

    /// <summary>Checks that the numbers make a model.</summary>
    /// <exception cref="EngineException">A size is not positive, heads do not divide the width, or the width is odd.</exception>
    public XLNetConfig Validated() =>
        VocabSize < 1 || DModel < 2 || NLayer < 1 || NHead < 1 || DInner < 1
            ? throw new EngineException($"XLNet: vocab_size {VocabSize}, n_layer {NLayer}, n_head {NHead} and d_inner {DInner} must be at least 1, d_model {DModel} at least 2.")
        : DModel % NHead != 0 || DModel % 2 != 0
            ? throw new EngineException($"XLNet: d_model {DModel} must be even, for sines and cosines, and a multiple of n_head {NHead}.")
        : this;
}
