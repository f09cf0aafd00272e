using Engine.Pretraining.Configuration;

namespace Engine.Pretraining.Models;

/// <summary>The shape of a T5, keys as in Hugging Face's <c>config.json</c>; the defaults are t5-small's.</summary>
public sealed record T5Config
{
    /// <summary>V, tokens in the vocabulary: 32,000 pieces, 100 sentinels and 28 unused (vocab_size).</summary>
    public int VocabSize { get; init; } = 32128;

    /// <summary>C, the model width (d_model).</summary>
    public int DModel { get; init; } = 512;

    /// <summary>D, the size of a head (d_kv).</summary>
    public int DKv { get; init; } = 64;

    /// <summary>F, the width inside the feed-forward part (d_ff).</summary>
    public int DFf { get; init; } = 2048;

    /// <summary>Blocks of the encoder, and of the decoder (num_layers = num_decoder_layers).</summary>
    public int NumLayers { get; init; } = 6;

    /// <summary>H, attention heads (num_heads).</summary>
    public int NumHeads { get; init; } = 8;

    /// <summary>Rows of a table of position biases (relative_attention_num_buckets).</summary>
    public int RelativeAttentionNumBuckets { get; init; } = 32;

    /// <summary>Distances from here on share the last bucket (relative_attention_max_distance).</summary>
    public int RelativeAttentionMaxDistance { get; init; } = 128;

    /// <summary>ε of the RMS norms (layer_norm_epsilon).</summary>
    public float LayerNormEpsilon { get; init; } = 1e-6f;

    /// <summary><c>relu</c> (T5) or <c>gated-gelu</c> (T5 1.1; Shazeer, "GLU variants improve transformer", 2020) (feed_forward_proj).</summary>
    public string FeedForwardProj { get; init; } = "relu";

    /// <summary>Whether the token embedding is also the output layer, after a factor C^−½: true in T5, false in 1.1 (tie_word_embeddings).</summary>
    public bool TieWordEmbeddings { get; init; } = true;

    /// <summary>Dropout of embeddings, residual branches, feed-forward activations and the stacks' results (dropout_rate); attention itself has none here.</summary>
    public float DropoutRate { get; init; }

    /// <summary>The shape that a run's configuration describes for a vocabulary: heads of C/H, F = 4·C, where gated ⅔ of it.</summary>
    public static T5Config From(PretrainConfig config, int vocabSize)
    {
        ArgumentNullException.ThrowIfNull(config);
        bool gated = config.FeedForwardProj == "gated-gelu";
        return new T5Config
        {
            VocabSize = vocabSize,
            DModel = config.NEmbd,
            DKv = config.NEmbd / config.NHead,
            DFf = config.IntermediateSize > 0 ? config.IntermediateSize : gated ? 8 * config.NEmbd / 3 : 4 * config.NEmbd,
            NumLayers = config.NLayer,
            NumHeads = config.NHead,
            FeedForwardProj = config.FeedForwardProj,
            TieWordEmbeddings = !gated,
            DropoutRate = (float)config.Dropout,
        };
    }

    /// <summary>Checks that the numbers make a model.</summary>
    /// <exception cref="EngineException">A size is not positive, there are too few buckets, or the feed-forward form is unknown.</exception>
    public T5Config Validated()
    {
        if (VocabSize < 1 || DModel < 1 || DKv < 1 || DFf < 1 || NumLayers < 1 || NumHeads < 1)
        {
            throw new EngineException(
                $"T5: vocab_size {VocabSize}, d_model {DModel}, d_kv {DKv}, d_ff {DFf}, num_layers {NumLayers} and num_heads {NumHeads} must all be at least 1.");
        }

        RelativeBuckets.Check(RelativeAttentionNumBuckets, RelativeAttentionMaxDistance);
        return FeedForwardProj is "relu" or "gated-gelu"
            ? this
            : throw new EngineException($"T5: feed_forward_proj '{FeedForwardProj}' is unknown; expected relu or gated-gelu.");
    }
}
