using Engine.Nn;
using Engine.Pretraining.Models;
using Engine.Serialization;

namespace Engine.Pretraining.Hub;

/// <summary>The inference graphs of models in ONNX: all positions at once, without dropout and without a cache.</summary>
internal sealed class OnnxModels
{
    private const string Batch = "batch";
    private const string Sequence = "sequence";

    private readonly OnnxGraph _graph;
    private readonly Dictionary<string, Tensor> _weights;

    private OnnxModels(Module model)
    {
        _graph = new OnnxGraph(model.GetType().Name);
        _weights = model.Parameters.ToDictionary(p => p.Name, p => p.Master, StringComparer.Ordinal);
    }

    /// <summary>Writes a model: input_ids (and for encoders attention_mask) to logits (for encoders last_hidden_state).</summary>
    /// <exception cref="EngineException">The model has no graph here, or the file cannot be written.</exception>
    public static void Save(string path, Module model)
    {
        OnnxModels onnx = new(model);
        switch (model)
        {
            case Gpt2 gpt2:
                onnx.Write(gpt2.Config);
                break;
            case Llama { Config: { NumLocalExperts: 0, PositionEmbedding: "rotary" } config }:
                onnx.Write(config);
                break;
            case Bert bert:
                onnx.Write(bert.Config, "bert", "encoder", EncoderLayerNames.Bert);
                break;
            case Roberta roberta:
                onnx.Write(roberta.Config, "roberta", "encoder", EncoderLayerNames.Bert, Roberta.FirstPosition);
                break;
            case DistilBert distil:
                onnx.Write(distil.Config, "distilbert", "transformer", EncoderLayerNames.DistilBert);
                break;
            default:
                throw new EngineException($"{path}: ONNX is written for GPT-2, Llama with rotary positions and without experts, BERT, RoBERTa and DistilBERT; this is a {model.GetType().Name}.");
        }

        onnx._graph.Save(path);
    }

    private void Write(Gpt2Config config)
    {
        string ids = _graph.AddInput("input_ids", Batch, Sequence);
        string length = Length(ids);
        string x = Op("Add", Op("Gather", W("wte.weight"), ids), Rows("wpe.weight", 0, length));
        string mask = Causal(length, 0);
        for (int i = 0; i < config.NLayer; i++)
        {
            string Conv(string name, string h)
            {
                string y = Op("MatMul", h, W($"h.{i}.{name}.weight"));
                return config.Bias ? Op("Add", y, W($"h.{i}.{name}.bias")) : y;
            }

            string qkv = Conv("attn.c_attn", Norm(x, $"h.{i}.ln_1", config.LayerNormEpsilon));
            string Part(int part) => Heads(_graph.Op("Slice", [qkv, _graph.Ints(part * config.NEmbd), _graph.Ints((part + 1) * config.NEmbd), _graph.Ints(2)]), config.NHead, config.NEmbd);
            x = Op("Add", x, Conv("attn.c_proj", Attend(Part(0), Part(1), Part(2), mask, config.NEmbd, config.NHead)));
            x = Op("Add", x, Conv("mlp.c_proj", Gelu(Conv("mlp.c_fc", Norm(x, $"h.{i}.ln_2", config.LayerNormEpsilon)), config.ActivationFunction)));
        }

        _graph.AddOutput("logits", Linear(Norm(x, "ln_f", config.LayerNormEpsilon), "wte"), Batch, Sequence, $"{config.VocabSize}");
    }

    private void Write(LlamaConfig config)
    {
        (int C, int H, int Hk) = (config.HiddenSize, config.NumAttentionHeads, config.NumKeyValueHeads);
        int D = C / H;
        string ids = _graph.AddInput("input_ids", Batch, Sequence);
        string length = Length(ids);
        string x = Op("Gather", W("model.embed_tokens.weight"), ids);
        string mask = Causal(length, config.SlidingWindow);
        string cos = Angles("cos", config, D, MathF.Cos, length);
        string sin = Angles("sin", config, D, MathF.Sin, length);
        string Turn(string q)
        {
            string Half(int half) => _graph.Op("Slice", [q, _graph.Ints(half * D / 2), _graph.Ints((half + 1) * D / 2), _graph.Ints(3)]);
            (string a, string b) = (Half(0), Half(1));
            return _graph.Op("Concat", [Op("Sub", Op("Mul", a, cos), Op("Mul", b, sin)), Op("Add", Op("Mul", b, cos), Op("Mul", a, sin))], ("axis", -1L));
        }

        // Each key head serves H / Hk query heads.
        string Repeat(string k) => H == Hk ? k : Op(
            "Reshape", Op("Expand", Op("Unsqueeze", k, _graph.Ints(2)), _graph.Ints(1, 1, H / Hk, 1, 1)), _graph.Ints(0, H, -1, D));
        for (int i = 0; i < config.NumHiddenLayers; i++)
        {
            string layer = $"model.layers.{i}.";
            string h = RmsNorm(x, layer + "input_layernorm", config.RmsNormEps);
            string q = Turn(Heads(Linear(h, layer + "self_attn.q_proj"), H, C));
            string k = Repeat(Turn(Heads(Linear(h, layer + "self_attn.k_proj"), Hk, D * Hk)));
            string v = Repeat(Heads(Linear(h, layer + "self_attn.v_proj"), Hk, D * Hk));
            x = Op("Add", x, Linear(Attend(q, k, v, mask, C, H), layer + "self_attn.o_proj"));
            h = RmsNorm(x, layer + "post_attention_layernorm", config.RmsNormEps);
            string gate = Linear(h, layer + "mlp.gate_proj");
            string f = Op("Mul", Op("Mul", gate, Op("Sigmoid", gate)), Linear(h, layer + "mlp.up_proj"));
            x = Op("Add", x, Linear(f, layer + "mlp.down_proj"));
        }

        string head = config.TieWordEmbeddings ? "model.embed_tokens" : "lm_head";
        _graph.AddOutput("logits", Linear(RmsNorm(x, "model.norm", config.RmsNormEps), head), Batch, Sequence, $"{config.VocabSize}");
    }

    private void Write(EncoderConfig config, string model, string stack, EncoderLayerNames names, int firstPosition = 0)
    {
        string ids = _graph.AddInput("input_ids", Batch, Sequence);
        string attention = _graph.AddInput("attention_mask", Batch, Sequence);
        string tables = $"{model}.embeddings.";
        string words = Op("Gather", W(tables + "word_embeddings.weight"), ids);
        if (config.TypeVocabSize > 0)
        {
            words = Op("Add", words, Op("Gather", W(tables + "token_type_embeddings.weight"), _graph.AddInput("token_type_ids", Batch, Sequence)));
        }

        string x = Norm(Op("Add", words, Rows(tables + "position_embeddings.weight", firstPosition, Length(ids))), tables + "LayerNorm", config.LayerNormEps);
        string mask = Op("Unsqueeze", Op("Greater", attention, _graph.Int(0)), _graph.Ints(1, 2));   // (B, 1, 1, T)
        for (int i = 0; i < config.NumHiddenLayers; i++)
        {
            string layer = $"{model}.{stack}.layer.{i}.";
            string Project(string name) => Heads(Linear(x, $"{layer}{names.Self}.{name}"), config.NumAttentionHeads, config.HiddenSize);
            string y = Attend(Project(names.Projections.Query), Project(names.Projections.Key), Project(names.Projections.Value), mask, config.HiddenSize, config.NumAttentionHeads);
            x = Norm(Op("Add", x, Linear(y, layer + names.AttentionDense)), layer + names.AttentionNorm, config.LayerNormEps);
            string f = Linear(Gelu(Linear(x, layer + names.Up), config.HiddenAct), layer + names.Down);
            x = Norm(Op("Add", x, f), layer + names.Norm, config.LayerNormEps);
        }

        _graph.AddOutput("last_hidden_state", x, Batch, Sequence, $"{config.HiddenSize}");
    }

    private string Op(string type, params ReadOnlySpan<string> inputs) => _graph.Op(type, inputs);

    private string W(string name) => _graph.Weight(name, _weights[name]);

    // x·Wᵀ + b; W (out, in).
    private string Linear(string x, string name)
    {
        string y = Op("MatMul", x, _graph.Op("Transpose", [W(name + ".weight")], ("perm", new long[] { 1, 0 })));
        return _weights.ContainsKey(name + ".bias") ? Op("Add", y, W(name + ".bias")) : y;
    }

    private string Norm(string x, string name, float eps) => _weights.ContainsKey(name + ".bias")
        ? _graph.Op("LayerNormalization", [x, W(name + ".weight"), W(name + ".bias")], ("axis", -1L), ("epsilon", eps))
        : _graph.Op("LayerNormalization", [x, W(name + ".weight")], ("axis", -1L), ("epsilon", eps));

    private string RmsNorm(string x, string name, float eps) => Op("Mul", W(name + ".weight"), Op(
        "Div", x, Op("Sqrt", Op("Add", Op("ReduceMean", Op("Mul", x, x), _graph.Ints(-1)), _graph.Float(eps)))));

    private string Gelu(string x, string form) => _graph.Op("Gelu", [x], ("approximate", form == "gelu_new" ? "tanh" : "none"));

    // (B, T, C) → (B, H, T, D).
    private string Heads(string x, int H, int C) =>
        _graph.Op("Transpose", [Op("Reshape", x, _graph.Ints(0, 0, H, C / H))], ("perm", new long[] { 0, 2, 1, 3 }));

    // softmax(q·kᵀ/√D) v over what the mask allows: (B, H, T, D) → (B, T, C).
    private string Attend(string q, string k, string v, string mask, int C, int H)
    {
        string keys = _graph.Op("Transpose", [k], ("perm", new long[] { 0, 1, 3, 2 }));
        string scores = Op("Mul", Op("MatMul", q, keys), _graph.Float(1f / MathF.Sqrt((float)C / H)));
        string shares = _graph.Op("Softmax", [Op("Where", mask, scores, _graph.Float(float.MinValue))], ("axis", -1L));
        return Op("Reshape", _graph.Op("Transpose", [Op("MatMul", shares, v)], ("perm", new long[] { 0, 2, 1, 3 })), _graph.Ints(0, 0, C));
    }

    // T, without axes.
    private string Length(string ids) => Op("Gather", Op("Shape", ids), _graph.Int(1));

    // Rows first … first + T − 1 of a table.
    private string Rows(string table, int first, string length) =>
        Op("Gather", W(table), Op("Range", _graph.Int(first), Op("Add", length, _graph.Int(first)), _graph.Int(1)));

    // (T, T): key ≤ query, and with a window key > query − window.
    private string Causal(string length, int window)
    {
        string places = Op("Range", _graph.Int(0), length, _graph.Int(1));
        (string query, string key) = (Op("Unsqueeze", places, _graph.Ints(1)), Op("Unsqueeze", places, _graph.Ints(0)));
        string before = Op("LessOrEqual", key, query);
        return window == 0 ? before : Op("And", before, Op("Greater", key, Op("Sub", query, _graph.Int(window))));
    }

    // (T, D/2) of the angles position·θ^(−2j/D), slowed down where the model says so, a table for all positions cut to the first T.
    private string Angles(string name, LlamaConfig config, int D, Func<float, float> of, string length)
    {
        float[] table = new float[config.MaxPositionEmbeddings * (D / 2)];
        float[]? factors = config.RopeScaling?.Factors(D, config.RopeTheta);
        for (int i = 0; i < table.Length; i++)
        {
            (int position, int pair) = (i / (D / 2), i % (D / 2));
            table[i] = of(position * (float)(Math.Pow(config.RopeTheta, -2.0 * pair / D) / (factors?[pair] ?? 1f)));
        }

        return Op("Slice", _graph.Table(name, table, config.MaxPositionEmbeddings, D / 2), _graph.Ints(0), Op("Unsqueeze", length, _graph.Ints(0)));
    }
}
