using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Engine.Nn;
using Engine.Pretraining.Models;
using Engine.Pretraining.Tokenizers;
using Engine.Pretraining.Tokenizers.Files;
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
            if (file.Values.GetValueOrDefault(Architecture) as string != "llama" || file.Values.ContainsKey("llama.rope.scaling.type") || Whole(file, "llama.expert_count", 0) > 0)
            {
                throw new EngineException(
                    $"{path}: {Architecture} is {file.Values.GetValueOrDefault(Architecture) ?? "missing"}; only llama is known here, without experts and without scaled rotary angles.");
            }

            int heads = Whole(file, "llama.attention.head_count");
            int width = Whole(file, "llama.embedding_length");
            int D = heads > 0 ? width / heads : 0;
            json = Config(file, heads, width);
            tokenizer = ReadTokenizer(file);
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
        GgufFile.Save(path, [.. Metadata(config, D), .. TokenizerKeys(tokenizer)], model.Parameters.Select(p =>
        {
            string name = ToGguf(p.Name);
            bool turned = name.EndsWith($".{Query}{Weight}", StringComparison.Ordinal) || name.EndsWith($".{Key}{Weight}", StringComparison.Ordinal);
            bool fits = p.Master.Rank == 2 && p.Master.Shape[1] % GgufTensor.BlockOf(type) == 0;
            return new GgufTensor(name, p.Master, fits ? type : "F32", turned ? D : 0);
        }));
    }

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
    }

    private static IEnumerable<(string Key, object Value)> TokenizerKeys(ITokenizer? tokenizer)
    {
        const string Prefix = "tokenizer.ggml.";
        switch (tokenizer)
        {
            case SubwordTokenizer { Model: CharacterMerges merges }:
                PieceVocabulary pieces = merges.Vocabulary;
                yield return (Prefix + "model", "llama");
                yield return (Prefix + "tokens", pieces.Tokens.Select(token => token ?? string.Empty).ToArray());
                yield return (Prefix + "scores", Scores(merges));
                yield return (Prefix + "token_type", Enumerable.Range(0, pieces.Tokens.Length)
                    .Select(id => id == pieces.Unknown ? 2 : pieces.Special.ContainsKey(id) ? 3 : pieces.ByteOf.ContainsKey(id) ? 6 : 1).ToArray());
                break;
            case BytePairTokenizer pairs:
                yield return (Prefix + "model", "gpt2");
                yield return (Prefix + "tokens", Enumerable.Range(0, pairs.VocabSize).Select(id => pairs.Spelling(id) ?? string.Empty).ToArray());
                yield return (Prefix + "token_type", Enumerable.Range(0, pairs.VocabSize).Select(id => pairs.Special.ContainsKey(id) ? 3 : 1).ToArray());
                yield return (Prefix + "merges", pairs.Merges.Select(m => $"{pairs.Spelling(m.Left)} {pairs.Spelling(m.Right)}").ToArray());
                break;
            default:
                yield break;
        }

        if (tokenizer.SpecialTokens is { Bos: { } bos, Eos: { } eos })
        {
            yield return (Prefix + "bos_token_id", (uint)bos);
            yield return (Prefix + "eos_token_id", (uint)eos);
        }
    }

    // Pieces that come of a merge have its rank as score; the others are never joined.
    private static float[] Scores(CharacterMerges merges)
    {
        PieceVocabulary pieces = merges.Vocabulary;
        float[] scores = new float[pieces.Tokens.Length];
        for (int rank = merges.Merges.Count - 1; rank >= 0; rank--)
        {
            scores[pieces.Ids[pieces.Tokens[merges.Merges[rank].Left] + pieces.Tokens[merges.Merges[rank].Right]]] = -rank;
        }

        return scores;
    }

    private static SubwordTokenizer? ReadTokenizer(GgufFile file)
    {
        if (file.Values.GetValueOrDefault("tokenizer.ggml.model") as string != "llama"
            || file.Values.GetValueOrDefault("tokenizer.ggml.tokens") is not string[] tokens || file.Values.GetValueOrDefault("tokenizer.ggml.scores") is not float[] scores
            || file.Values.GetValueOrDefault("tokenizer.ggml.token_type") is not int[] types || scores.Length != tokens.Length || types.Length != tokens.Length)
        {
            return null;
        }

        SentencePieceFile.Contents contents = new() { ModelType = 2, RemoveExtraWhitespaces = false };
        contents.Pieces.AddRange(tokens.Select((token, id) => new SentencePieceFile.Piece(token, scores[id], types[id])));
        return SentencePieceFile.Build(file.Path, contents);
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
            json.WriteBoolean("tie_word_embeddings", !file.Entries.ContainsKey("output.weight"));
            json.WriteNumber("bos_token_id", Whole(file, "tokenizer.ggml.bos_token_id", 1));
            json.WriteNumber("eos_token_id", Whole(file, "tokenizer.ggml.eos_token_id", 2));
            json.WriteEndObject();
        }

        return HubJson.Parse(file.Path, buffer.WrittenMemory);
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
