using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Engine.Nn;
using Engine.Pretraining.Models;
using Engine.Pretraining.Tokenizers;
using Engine.Serialization;

namespace Engine.Pretraining.Hub;

/// <summary>
/// Llama in GGUF (architecture <c>llama</c>; names and keys as in ggml-org/llama.cpp, gguf-py/gguf/constants.py): other names, and queries and keys
/// with their rows in pairs.
/// </summary>
internal static class GgufLlama
{
    private const string Architecture = "general.architecture";
    private const string Query = "attn_q";
    private const string Key = "attn_k";
    private const string Weight = ".weight";
    private const string Layers = "model.layers.";
    private const string Blocks = "blk.";
    private const string ScalingType = "llama.rope.scaling.type";
    private const string ScalingFactor = "llama.rope.scaling.factor";

    /// <summary>By how much each pair of columns turns slower, which files have as a tensor.</summary>
    public const string Frequencies = "rope_freqs.weight";

    private static readonly (string Hub, string Gguf)[] s_whole = [("model.embed_tokens", "token_embd"), ("model.norm", "output_norm"), ("lm_head", "output")];

    private static readonly (string Hub, string Gguf)[] s_layer =
    [
        ("input_layernorm", "attn_norm"), ("self_attn.q_proj", Query), ("self_attn.k_proj", Key), ("self_attn.v_proj", "attn_v"), ("self_attn.o_proj", "attn_output"),
        ("post_attention_layernorm", "ffn_norm"), ("mlp.gate_proj", "ffn_gate"), ("mlp.up_proj", "ffn_up"), ("mlp.down_proj", "ffn_down"),
    ];

    /// <summary>Opens a file under Hugging Face's names, with the configuration that its metadata stands for.</summary>
    /// <exception cref="EngineException">It is damaged, of another architecture or lacks a key; names file and key.</exception>
    public static WeightFile Open(string path, out HubJson json, out ITokenizer? tokenizer)
    {
        GgufFile file = GgufFile.Open(path);
        try
        {
            if (file.Values.GetValueOrDefault(Architecture) as string != "llama" || Whole(file, "llama.expert_count", 0) > 0)
            {
                throw new EngineException($"{path}: {Architecture} is {file.Values.GetValueOrDefault(Architecture) ?? "missing"}; only llama is known here, and without experts.");
            }

            int heads = Whole(file, "llama.attention.head_count");
            int width = Whole(file, "llama.embedding_length");
            int D = heads > 0 ? width / heads : 0;
            foreach (string key in new[] { "llama.rope.dimension_count", "llama.attention.key_length", "llama.attention.value_length" })
            {
                if (D * heads == width && Whole(file, key, D) != D)
                {
                    throw new EngineException($"{path}: {key} is {Whole(file, key)}; only {D}, the width of a head, is known here.");
                }
            }

            json = Config(file, heads, width);
            tokenizer = GgufTokenizer.Read(file);
            return new RenamedWeights(file, name => (ToHub(name), name.StartsWith(Blocks, StringComparison.Ordinal)
                && (name.EndsWith($".{Query}{Weight}", StringComparison.Ordinal) || name.EndsWith($".{Key}{Weight}", StringComparison.Ordinal)) ? D : 0));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Writes a model.</summary>
    /// <param name="path">The file.</param>
    /// <param name="network">A dense Llama with rotary positions that sees everything.</param>
    /// <param name="tokenizer">Its vocabulary, if it is one of those that the format has.</param>
    /// <param name="type">The type of matrices whose rows are whole blocks of it; others are F32.</param>
    /// <exception cref="EngineException">The model is another one, or the file cannot be written.</exception>
    public static void Save(string path, Module network, ITokenizer? tokenizer, string type)
    {
        if (network is not Llama { Config: { NumLocalExperts: 0, SlidingWindow: 0, PositionEmbedding: "rotary" } config } model)
        {
            throw new EngineException($"{path}: GGUF is written for Llama without experts, sliding window and other positions than rotary; this is a {network.GetType().Name}.");
        }

        int D = config.HiddenSize / config.NumAttentionHeads;
        using Tensor factors = Factors(model.Device, config, D);
        IEnumerable<GgufTensor> scaling = factors.IsDefined ? [new GgufTensor(Frequencies, factors, "F32")] : [];
        GgufFile.Save(path, [.. Metadata(config, D), .. GgufTokenizer.Keys(tokenizer)], scaling.Concat(model.Parameters.Select(p =>
        {
            string name = ToGguf(p.Name);
            bool turned = name.EndsWith($".{Query}{Weight}", StringComparison.Ordinal) || name.EndsWith($".{Key}{Weight}", StringComparison.Ordinal);
            bool fits = p.Master.Rank == 2 && p.Master.Shape[1] % GgufTensor.BlockOf(type) == 0;
            return new GgufTensor(name, p.Master, fits ? type : "F32", turned ? D : 0);
        })));
    }

    private static Tensor Factors(Device device, LlamaConfig config, int D) => config.RopeScaling is { Type: not "linear" } scaling
        ? Tensor.From<float>(device, scaling.Factors(D, config.RopeTheta), [D / 2])
        : default;

    private static IEnumerable<(string Key, object Value)> Metadata(LlamaConfig config, int D)
    {
        yield return (Architecture, "llama");
        yield return ("llama.vocab_size", (uint)config.VocabSize);
        yield return ("llama.context_length", (uint)config.MaxPositionEmbeddings);
        yield return ("llama.embedding_length", (uint)config.HiddenSize);
        yield return ("llama.block_count", (uint)config.NumHiddenLayers);
        yield return ("llama.feed_forward_length", (uint)config.IntermediateSize);
        yield return ("llama.attention.head_count", (uint)config.NumAttentionHeads);
        yield return ("llama.attention.head_count_kv", (uint)config.NumKeyValueHeads);
        yield return ("llama.attention.layer_norm_rms_epsilon", config.RmsNormEps);
        yield return ("llama.rope.dimension_count", (uint)D);
        yield return ("llama.rope.freq_base", config.RopeTheta);
        if (config.RopeScaling is { Type: "linear" } scaling)
        {
            yield return (ScalingType, "linear");
            yield return (ScalingFactor, scaling.Factor);
        }
    }

    private static HubJson Config(GgufFile file, int heads, int width)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            json.WriteString("model_type", "llama");
            json.WriteNumber("vocab_size", file.Entries.TryGetValue("token_embd.weight", out WeightEntry? table) && table.Shape.Count == 2
                ? table.Shape[0]
                : throw new EngineException($"{file.Path}: has no matrix token_embd.weight."));
            json.WriteNumber("hidden_size", width);
            json.WriteNumber("intermediate_size", Whole(file, "llama.feed_forward_length"));
            json.WriteNumber("num_hidden_layers", Whole(file, "llama.block_count"));
            json.WriteNumber("num_attention_heads", heads);
            json.WriteNumber("num_key_value_heads", Whole(file, "llama.attention.head_count_kv", heads));
            json.WriteNumber("max_position_embeddings", Whole(file, "llama.context_length"));
            json.WriteNumber("rms_norm_eps", Number(file, "llama.attention.layer_norm_rms_epsilon", 1e-5));
            json.WriteNumber("rope_theta", Number(file, "llama.rope.freq_base", 10000));
            WriteScaling(file, json);
            json.WriteBoolean("tie_word_embeddings", !file.Entries.ContainsKey("output.weight"));
            json.WriteNumber("bos_token_id", Whole(file, "tokenizer.ggml.bos_token_id", 1));
            json.WriteNumber("eos_token_id", Whole(file, "tokenizer.ggml.eos_token_id", 2));
            json.WriteEndObject();
        }

        return HubJson.Parse(file.Path, buffer.WrittenMemory);
    }

    // A factor for all pairs as metadata, or one for each as a tensor.
    private static void WriteScaling(GgufFile file, Utf8JsonWriter json)
    {
        object type = file.Values.GetValueOrDefault(ScalingType, "none");
        bool listed = file.Entries.TryGetValue(Frequencies, out WeightEntry? entry);
        if (!(type is "none" or "linear") || (listed && (type is "linear" || entry!.DType != "F32")))
        {
            throw new EngineException($"{file.Path}: {ScalingType} is {type}{(listed ? $", and {Frequencies} is {entry!.DType}" : string.Empty)}; known here are none, linear, or factors in {Frequencies} as F32.");
        }

        if (listed || type is "linear")
        {
            json.WriteStartObject("rope_scaling");
            json.WriteString("rope_type", listed ? "factors" : "linear");
            json.WriteNumber("factor", Number(file, ScalingFactor, 1));
            json.WriteStartArray("factors");
            foreach (float factor in listed ? MemoryMarshal.Cast<byte, float>(file.Read(Frequencies)) : [])
            {
                json.WriteNumberValue(float.IsFinite(factor) ? factor : throw new EngineException($"{file.Path}: {Frequencies} has the value {factor}; expected numbers greater than 0."));
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    private static int Whole(GgufFile file, string key, int? missing = null)
    {
        double value = Number(file, key, missing);
        return value is >= 0 and <= int.MaxValue && value == Math.Floor(value) ? (int)value : throw new EngineException($"{file.Path}: {key} is {value}; expected a whole number of at least 0.");
    }

    private static double Number(GgufFile file, string key, double? missing) => file.Values.GetValueOrDefault(key) switch
    {
        null => missing ?? throw new EngineException($"{file.Path}: the key {key} is missing, which this architecture needs."),
        string or bool or Array => throw new EngineException($"{file.Path}: {key} is not a number."),
        object value when double.IsFinite(Convert.ToDouble(value, CultureInfo.InvariantCulture)) => Convert.ToDouble(value, CultureInfo.InvariantCulture),
        object value => throw new EngineException($"{file.Path}: {key} is {value}; expected a finite number."),
    };

    private static string ToHub(string name) => Translate(name, Blocks, Layers, s_whole.Select(t => (t.Gguf, t.Hub)), s_layer.Select(t => (t.Gguf, t.Hub)));

    private static string ToGguf(string name) => Translate(name, Layers, Blocks, s_whole, s_layer);

    // A name that is not known stays, and is then named as one that the model lacks.
    private static string Translate(string name, string from, string to, IEnumerable<(string From, string To)> whole, IEnumerable<(string From, string To)> layer)
    {
        string bare = name.EndsWith(Weight, StringComparison.Ordinal) ? name[..^Weight.Length] : name;
        int dot = name.StartsWith(from, StringComparison.Ordinal) ? bare.IndexOf('.', from.Length) : -1;
        string part = dot < 0 ? bare : bare[(dot + 1)..];
        string? other = (dot < 0 ? whole : layer).FirstOrDefault(t => t.From == part).To;
        return other is null ? name : (dot < 0 ? other : to + bare[from.Length..dot] + "." + other) + name[bare.Length..];
    }
}
