using Engine.Pretraining.Configuration;

namespace Engine.Pretraining.Models;

/// <summary>The shape of the original encoder-decoder, keys as in Hugging Face's Marian; the defaults are the paper's base model.</summary>
public sealed record TransformerConfig
{
    /// <summary>V, tokens of source and target together; the paper's byte-pair vocabulary had about 37,000 (vocab_size).</summary>
    public int VocabSize { get; init; } = 37000;

    /// <summary>C, the model width (d_model).</summary>
    public int DModel { get; init; } = 512;

    /// <summary>Layers of the encoder, and of the decoder (encoder_layers = decoder_layers).</summary>
    public int Layers { get; init; } = 6;

    /// <summary>H, attention heads; divides C (encoder_attention_heads = decoder_attention_heads).</summary>
    public int Heads { get; init; } = 8;

    /// <summary>F, the width inside the feed-forward part (encoder_ffn_dim = decoder_ffn_dim).</summary>
    public int FfnDim { get; init; } = 2048;

    /// <summary>The longest source or target (max_position_embeddings).</summary>
    public int MaxPositionEmbeddings { get; init; } = 512;

    /// <summary>Dropout of embeddings and residual branches (dropout); 0.1 in the paper.</summary>
    public float Dropout { get; init; }

    /// <summary>ε of the training targets (section 5.4).</summary>
    public float LabelSmoothing { get; init; } = 0.1f;

    /// <summary>The shape that a run's configuration describes for a vocabulary.</summary>
    public static TransformerConfig From(PretrainConfig config, int vocabSize)
    {
        ArgumentNullException.ThrowIfNull(config);
        return new TransformerConfig
        {
            VocabSize = vocabSize,
            DModel = config.NEmbd,
            Layers = config.NLayer,
            Heads = config.NHead,
            FfnDim = config.IntermediateSize > 0 ? config.IntermediateSize : 4 * config.NEmbd,
            MaxPositionEmbeddings = config.BlockSize,
            Dropout = (float)config.Dropout,
            LabelSmoothing = (float)config.LabelSmoothing,
        };
    }

    /// <summary>Checks that the numbers make a model.</summary>
    /// <exception cref="EngineException">A size is not positive, or heads do not divide the width.</exception>
    public TransformerConfig Validated() =>
        VocabSize < 1 || DModel < 1 || Layers < 1 || Heads < 1 || FfnDim < 1 || MaxPositionEmbeddings < 1
            ? throw new EngineException(
                $"transformer: vocab_size {VocabSize}, d_model {DModel}, layers {Layers}, heads {Heads}, ffn_dim {FfnDim} and max_position_embeddings {MaxPositionEmbeddings} must all be at least 1.")
        : DModel % Heads != 0
            ? throw new EngineException($"transformer: heads {Heads} do not divide d_model {DModel}; each head needs d_model / heads columns.")
        : this;
}
