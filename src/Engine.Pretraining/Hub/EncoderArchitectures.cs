using Engine.Pretraining.Models;

namespace Engine.Pretraining.Hub;

/// <summary>BERT, RoBERTa, ALBERT, ELECTRA and DistilBERT; keys and defaults as transformers' configuration_bert.py and its siblings have them.</summary>
internal static class EncoderArchitectures
{
    private static readonly (string From, string To)[] s_oldNorms = [(".LayerNorm.gamma", ".LayerNorm.weight"), (".LayerNorm.beta", ".LayerNorm.bias")];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<HubArchitecture> All { get; } =
    [
        new HubArchitecture<Bert, EncoderConfig>(
            "bert", "BertForPreTraining",
            new HubNames
            {
                Base = "bert.",
                Renamed = [("embeddings.", "bert.embeddings."), ("encoder.", "bert.encoder."), ("pooler.", "bert.pooler."), .. s_oldNorms],
                Ignored = ["bert.embeddings.position_ids", "cls.predictions.decoder."],
            },
            Sizes(new EncoderConfig()).Follows("embedding_size", c => c.HiddenSize).Only("is_decoder", "false"),
            m => m.Config,
            (device, config, tensors) => new Bert(device, config, heads: tensors.Contains("bert.pooler.dense.weight") ? BertHeads.Pairs : BertHeads.Tokens)),
        new HubArchitecture<Roberta, EncoderConfig>(
            "roberta", "RobertaForMaskedLM",
            new HubNames
            {
                Base = "roberta.",
                Renamed = [("embeddings.", "roberta.embeddings."), ("encoder.", "roberta.encoder."), ("pooler.", "roberta.pooler."), .. s_oldNorms],
                Ignored = ["roberta.embeddings.position_ids", "roberta.pooler.", "lm_head.decoder."],
            },
            Sizes(new EncoderConfig { TypeVocabSize = 1, LayerNormEps = 1e-5f }).Only("pad_token_id", "1").Only("is_decoder", "false"),
            m => m.Config, (device, config, _) => new Roberta(device, config)),
        new HubArchitecture<Albert, EncoderConfig>(
            "albert", "AlbertForPreTraining",
            new HubNames
            {
                Base = "albert.",
                Renamed = [("embeddings.", "albert.embeddings."), ("encoder.", "albert.encoder."), ("pooler.", "albert.pooler."), .. s_oldNorms],
                Ignored = ["albert.embeddings.position_ids", "predictions.decoder."],
            },
            Sizes(new EncoderConfig { HiddenAct = "gelu_new", EmbeddingSize = 128 }, shared: true).Size("embedding_size", c => c.EmbeddingSize, (c, v) => c with { EmbeddingSize = v }, optional: true)
                .Only("num_hidden_groups", "1").Only("inner_group_num", "1"),
            m => m.Config, (device, config, tensors) => new Albert(device, config, pairs: tensors.Contains("albert.pooler.weight"))),
        new HubArchitecture<Electra, EncoderConfig>(
            "electra", "ElectraForPreTraining",
            new HubNames
            {
                Base = "discriminator.electra.",
                Renamed =
                [
                    ("embeddings", "electra.embeddings"), ("encoder.", "electra.encoder."), ("electra.", "discriminator.electra."),
                    ("discriminator_predictions.", "discriminator.discriminator_predictions."), .. s_oldNorms,
                ],
                Ignored = ["discriminator.electra.embeddings.position_ids"],
                Export = name => name.StartsWith("discriminator.", StringComparison.Ordinal) ? name["discriminator.".Length..] : null,
            },
            Sizes(new EncoderConfig { EmbeddingSize = 128 }).Size("embedding_size", c => c.EmbeddingSize, (c, v) => c with { EmbeddingSize = v }, optional: true),
            m => m.Config, (device, config, _) => new Electra(device, config)),
        new HubArchitecture<DistilBert, EncoderConfig>(
            "distilbert", "DistilBertForMaskedLM",
            new HubNames
            {
                Base = "distilbert.",
                Renamed = [("embeddings.", "distilbert.embeddings."), ("transformer.", "distilbert.transformer."), .. s_oldNorms],
                Ignored = ["distilbert.embeddings.position_ids", "vocab_projector.weight"],
            },
            new HubTable<EncoderConfig>(new EncoderConfig { TypeVocabSize = 0 })
                .Size("vocab_size", c => c.VocabSize, (c, v) => c with { VocabSize = v })
                .Size("dim", c => c.HiddenSize, (c, v) => c with { HiddenSize = v, EmbeddingSize = v })
                .Repeats("n_layers", c => c.NumHiddenLayers, (c, v) => c with { NumHiddenLayers = v })
                .Size("n_heads", c => c.NumAttentionHeads, (c, v) => c with { NumAttentionHeads = v })
                .Size("hidden_dim", c => c.IntermediateSize, (c, v) => c with { IntermediateSize = v })
                .Size("max_position_embeddings", c => c.MaxPositionEmbeddings, (c, v) => c with { MaxPositionEmbeddings = v })
                .Text("activation", c => c.HiddenAct, (c, v) => c with { HiddenAct = v }),
            m => m.Config, (device, config, _) => new DistilBert(device, config)),
    ];

    // Tables as wide as the model; ALBERT's one layer repeats without tensors of its own.
    private static HubTable<EncoderConfig> Sizes(EncoderConfig defaults, bool shared = false)
    {
        HubTable<EncoderConfig> table = new HubTable<EncoderConfig>(defaults)
            .Size("vocab_size", c => c.VocabSize, (c, v) => c with { VocabSize = v })
            .Size("hidden_size", c => c.HiddenSize, (c, v) => c with { HiddenSize = v, EmbeddingSize = defaults.EmbeddingSize == defaults.HiddenSize ? v : defaults.EmbeddingSize })
            .Size("num_attention_heads", c => c.NumAttentionHeads, (c, v) => c with { NumAttentionHeads = v })
            .Size("intermediate_size", c => c.IntermediateSize, (c, v) => c with { IntermediateSize = v })
            .Size("max_position_embeddings", c => c.MaxPositionEmbeddings, (c, v) => c with { MaxPositionEmbeddings = v })
            .Size("type_vocab_size", c => c.TypeVocabSize, (c, v) => c with { TypeVocabSize = v }, optional: true)
            .Number("layer_norm_eps", c => c.LayerNormEps, (c, v) => c with { LayerNormEps = v })
            .Text("hidden_act", c => c.HiddenAct, (c, v) => c with { HiddenAct = v }, ("gelu_pytorch_tanh", "gelu_new"), ("gelu_fast", "gelu_new"))
            .Only("position_embedding_type", "\"absolute\"");
        return shared
            ? table.Size("num_hidden_layers", c => c.NumHiddenLayers, (c, v) => c with { NumHiddenLayers = v })
            : table.Repeats("num_hidden_layers", c => c.NumHiddenLayers, (c, v) => c with { NumHiddenLayers = v });
    }
}
