using Engine.Pretraining.Models;

namespace Engine.Pretraining.Hub;

/// <summary>T5; keys and defaults as transformers' configuration_t5.py has them.</summary>
internal static class TextToTextArchitectures
{
    /// <summary>T5 and T5 1.1.</summary>
    public static HubArchitecture T5 { get; } = new HubArchitecture<T5, T5Config>(
        "t5", "T5ForConditionalGeneration",
        new HubNames
        {
            // The last is a table of cross-attention that the first checkpoints carry and nothing reads.
            Ignored = ["encoder.embed_tokens.weight", "decoder.embed_tokens.weight", "lm_head.weight", "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"],
        },
        new HubTable<T5Config>(new T5Config())
            .Size("vocab_size", c => c.VocabSize, (c, v) => c with { VocabSize = v })
            .Size("d_model", c => c.DModel, (c, v) => c with { DModel = v })
            .Size("d_kv", c => c.DKv, (c, v) => c with { DKv = v })
            .Size("d_ff", c => c.DFf, (c, v) => c with { DFf = v })
            .Repeats("num_layers", c => c.NumLayers, (c, v) => c with { NumLayers = v })
            .Size("num_heads", c => c.NumHeads, (c, v) => c with { NumHeads = v })
            .Size("relative_attention_num_buckets", c => c.RelativeAttentionNumBuckets, (c, v) => c with { RelativeAttentionNumBuckets = v }, optional: true)
            .Size("relative_attention_max_distance", c => c.RelativeAttentionMaxDistance, (c, v) => c with { RelativeAttentionMaxDistance = v }, optional: true)
            .Number("layer_norm_epsilon", c => c.LayerNormEpsilon, (c, v) => c with { LayerNormEpsilon = v })
            .Text("feed_forward_proj", c => c.FeedForwardProj, (c, v) => c with { FeedForwardProj = v })
            .Flag("tie_word_embeddings", c => c.TieWordEmbeddings, (c, v) => c with { TieWordEmbeddings = v })
            .Follows("num_decoder_layers", c => c.NumLayers)
            .Only("is_encoder_decoder", "true"),
        m => m.Config, (device, config, _) => new T5(device, config));
}
