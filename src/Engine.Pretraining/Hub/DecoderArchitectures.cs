using Engine.Pretraining.Models;

namespace Engine.Pretraining.Hub;

/// <summary>GPT-2, Llama, Mistral and Mixtral; keys and defaults as transformers' configuration_gpt2.py and its siblings have them.</summary>
internal static class DecoderArchitectures
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<HubArchitecture> All { get; } =
    [
        new HubArchitecture<Gpt2, Gpt2Config>(
            "gpt2", "GPT2LMHeadModel",
            new HubNames
            {
                Renamed = [("transformer.", string.Empty)],
                Ignored = ["lm_head.weight", ".attn.bias", ".attn.masked_bias"],
                Export = name => "transformer." + name,
            },
            new HubTable<Gpt2Config>(new Gpt2Config())
                .Size("vocab_size", c => c.VocabSize, (c, v) => c with { VocabSize = v })
                .Size("n_positions", c => c.NPositions, (c, v) => c with { NPositions = v })
                .Size("n_embd", c => c.NEmbd, (c, v) => c with { NEmbd = v })
                .Repeats("n_layer", c => c.NLayer, (c, v) => c with { NLayer = v })
                .Size("n_head", c => c.NHead, (c, v) => c with { NHead = v })
                .Number("layer_norm_epsilon", c => c.LayerNormEpsilon, (c, v) => c with { LayerNormEpsilon = v })
                .Text("activation_function", c => c.ActivationFunction, (c, v) => c with { ActivationFunction = v }, ("gelu_pytorch_tanh", "gelu_new"), ("gelu_fast", "gelu_new"))
                .Follows("n_inner", c => 4 * c.NEmbd)
                .Only("scale_attn_weights", "true").Only("scale_attn_by_inverse_layer_idx", "false").Only("reorder_and_upcast_attn", "false")
                .Only("add_cross_attention", "false").Only("tie_word_embeddings", "true"),
            m => m.Config, (device, config, _) => new Gpt2(device, config)),
        Llama("mixtral", "MixtralForCausalLM", c => c.NumLocalExperts > 0, Rotary(new LlamaConfig { MaxPositionEmbeddings = 131072, NumLocalExperts = 8, NumKeyValueHeads = 8, RopeTheta = 1e6f, RouterAuxLossCoef = 0.001f })
            .Repeats("num_local_experts", c => c.NumLocalExperts, (c, v) => c with { NumLocalExperts = v })
            .Size("num_experts_per_tok", c => c.NumExpertsPerTok, (c, v) => c with { NumExpertsPerTok = v }, optional: true)
            .Number("router_aux_loss_coef", c => c.RouterAuxLossCoef, (c, v) => c with { RouterAuxLossCoef = v })
            .Then(Window, WriteWindow)),
        Llama("mistral", "MistralForCausalLM", c => c is { NumLocalExperts: 0, SlidingWindow: > 0 }, Rotary(new LlamaConfig { MaxPositionEmbeddings = 131072, NumKeyValueHeads = 8 })
            .Then(Window, WriteWindow)),
        Llama("llama", "LlamaForCausalLM", c => c is { NumLocalExperts: 0, SlidingWindow: 0 }, Rotary(new LlamaConfig { MaxPositionEmbeddings = 2048, RmsNormEps = 1e-6f })
            .Only("attention_bias", "false").Only("mlp_bias", "false").Only("pretraining_tp", "1")),
    ];

    private static HubArchitecture<Llama, LlamaConfig> Llama(string type, string className, Func<LlamaConfig, bool> fits, HubTable<LlamaConfig> table) => new(
        type, className,
        new HubNames
        {
            Renamed = [("layers.", "model.layers."), ("embed_tokens.", "model.embed_tokens."), ("norm.", "model.norm.")],
            Ignored = [".rotary_emb.inv_freq", "lm_head.weight", GgufLlama.Frequencies],
        },
        table, m => m.Config.PositionEmbedding == "rotary" && fits(m.Config) ? m.Config : null, (device, config, _) => new Llama(device, config))
    {
        AddsBos = true,
    };

    private static HubTable<LlamaConfig> Rotary(LlamaConfig defaults) => new HubTable<LlamaConfig>(defaults)
        .Size("vocab_size", c => c.VocabSize, (c, v) => c with { VocabSize = v })
        .Size("hidden_size", c => c.HiddenSize, (c, v) => c with { HiddenSize = v })
        .Repeats("num_hidden_layers", c => c.NumHiddenLayers, (c, v) => c with { NumHiddenLayers = v })
        .Size("num_attention_heads", c => c.NumAttentionHeads, (c, v) => c with { NumAttentionHeads = v, NumKeyValueHeads = v })
        .Size("num_key_value_heads", c => c.NumKeyValueHeads, (c, v) => c with { NumKeyValueHeads = v }, optional: true)
        .Size("intermediate_size", c => c.IntermediateSize, (c, v) => c with { IntermediateSize = v })
        .Size("max_position_embeddings", c => c.MaxPositionEmbeddings, (c, v) => c with { MaxPositionEmbeddings = v }, optional: true)
        .Number("rms_norm_eps", c => c.RmsNormEps, (c, v) => c with { RmsNormEps = v })
        .Number("rope_theta", c => c.RopeTheta, (c, v) => c with { RopeTheta = v })
        .Then((c, json) => json.Has("rope_parameters.rope_theta") ? c with { RopeTheta = json.Number("rope_parameters.rope_theta") } : c)
        .Flag("tie_word_embeddings", c => c.TieWordEmbeddings, (c, v) => c with { TieWordEmbeddings = v })
        .Then(Scaling, WriteScaling)
        .Only("hidden_act", "\"silu\"")
        .Follows("head_dim", c => c.HiddenSize / Math.Max(1, c.NumAttentionHeads));

    // rope_scaling, which newer files call rope_parameters and keep the base of the angles in; its type was called type before it was rope_type.
    private static LlamaConfig Scaling(LlamaConfig config, HubJson json)
    {
        string at = json.Has("rope_scaling") ? "rope_scaling" : "rope_parameters";
        if (!json.Has(at))
        {
            return config;
        }

        string key = json.Has(at + ".rope_type") ? at + ".rope_type" : at + ".type";
        string type = at == "rope_parameters" && !json.Has(key) ? "default" : json.Text(key);
        RopeScaling Given(float factor) => new() { Type = type, Factor = factor };
        return type switch
        {
            "default" => config,
            "linear" => config with { RopeScaling = Given(json.Number(at + ".factor")) },
            "llama3" => config with
            {
                RopeScaling = Given(json.Number(at + ".factor")) with
                {
                    LowFreqFactor = json.Number(at + ".low_freq_factor"),
                    HighFreqFactor = json.Number(at + ".high_freq_factor"),
                    OriginalMaxPositionEmbeddings = json.Size(at + ".original_max_position_embeddings"),
                },
            },
            "factors" => config with { RopeScaling = Given(1f) with { Given = json.Numbers(at + ".factors") } },
            _ => throw json.Fault(key, "default, linear or llama3, the scalings that are known here"),
        };
    }

    private static void WriteScaling(LlamaConfig config, System.Text.Json.Utf8JsonWriter writer)
    {
        if (config.RopeScaling is not { } scaling)
        {
            return;
        }

        if (scaling.Type == "factors")
        {
            throw new EngineException("This Llama's rotary angles are scaled by a list of factors, as GGUF files have it, which config.json cannot say; export it with --format gguf.");
        }

        writer.WriteStartObject("rope_scaling");
        writer.WriteString("rope_type", scaling.Type);
        writer.WriteNumber("factor", scaling.Factor);
        if (scaling.Type == "llama3")
        {
            writer.WriteNumber("low_freq_factor", scaling.LowFreqFactor);
            writer.WriteNumber("high_freq_factor", scaling.HighFreqFactor);
            writer.WriteNumber("original_max_position_embeddings", scaling.OriginalMaxPositionEmbeddings);
        }

        writer.WriteEndObject();
    }

    private static LlamaConfig Window(LlamaConfig config, HubJson json) =>
        config with { SlidingWindow = json.Has("sliding_window") ? json.Size("sliding_window") : 0 };

    private static void WriteWindow(LlamaConfig config, System.Text.Json.Utf8JsonWriter writer)
    {
        if (config.SlidingWindow > 0)
        {
            writer.WriteNumber("sliding_window", config.SlidingWindow);
        }
        else
        {
            writer.WriteNull("sliding_window");
        }
    }
}
