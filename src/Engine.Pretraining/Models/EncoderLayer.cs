using Engine.Nn;

namespace Engine.Pretraining.Models;

/// <summary>What checkpoints call the parts of an encoder layer.</summary>
/// <param name="Self">Prefix of query, key and value.</param>
/// <param name="AttentionDense">The projection after attention.</param>
/// <param name="AttentionNorm">The norm after it.</param>
/// <param name="Up">C → F.</param>
/// <param name="Down">F → C.</param>
/// <param name="Norm">The norm after that.</param>
/// <param name="Projections">Query, key and value.</param>
internal sealed record EncoderLayerNames(
    string Self, string AttentionDense, string AttentionNorm, string Up, string Down, string Norm, (string Query, string Key, string Value) Projections)
{
    /// <summary>BERT, RoBERTa, ELECTRA.</summary>
    public static EncoderLayerNames Bert { get; } = new(
        "attention.self", "attention.output.dense", "attention.output.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm",
        ("query", "key", "value"));

    /// <summary>ALBERT.</summary>
    public static EncoderLayerNames Albert { get; } = new(
        "attention", "attention.dense", "attention.LayerNorm", "ffn", "ffn_output", "full_layer_layer_norm", ("query", "key", "value"));

    /// <summary>DistilBERT.</summary>
    public static EncoderLayerNames DistilBert { get; } = new(
        "attention", "attention.out_lin", "sa_layer_norm", "ffn.lin1", "ffn.lin2", "output_layer_norm", ("q_lin", "k_lin", "v_lin"));
}

/// <summary>A post-norm transformer layer that sees both sides: norm(x + attention(x)), then norm(x + mlp(x)) (Vaswani et al. 2017).</summary>
internal sealed class EncoderLayer : Module
{
    private readonly Linear _query;
    private readonly Linear _key;
    private readonly Linear _value;
    private readonly Linear _dense;
    private readonly LayerNorm _attentionNorm;
    private readonly Linear _up;
    private readonly Linear _down;
    private readonly LayerNorm _norm;
    private readonly int _heads;
    private readonly float _dropout;

    public EncoderLayer(Device device, EncoderConfig config, EncoderLayerNames names, Initializer normal)
        : base(device)
    {
        (int C, int F, float eps) = (config.HiddenSize, config.IntermediateSize, config.LayerNormEps);
        (_heads, _dropout) = (config.NumAttentionHeads, config.Dropout);
        _query = Add($"{names.Self}.{names.Projections.Query}", new Linear(device, C, C, normal));
        _key = Add($"{names.Self}.{names.Projections.Key}", new Linear(device, C, C, normal));
        _value = Add($"{names.Self}.{names.Projections.Value}", new Linear(device, C, C, normal));
        _dense = Add(names.AttentionDense, new Linear(device, C, C, normal));
        _attentionNorm = Add(names.AttentionNorm, new LayerNorm(device, C, eps));
        _up = Add(names.Up, new Linear(device, C, F, normal, config.Activation));
        _down = Add(names.Down, new Linear(device, F, C, normal));
        _norm = Add(names.Norm, new LayerNorm(device, C, eps));
    }

    /// <summary>x (B, T, C) → (B, T, C).</summary>
    /// <param name="x">Hidden states.</param>
    /// <param name="attention">Who sees whom.</param>
    public Tensor Forward(Tensor x, in AttentionOptions attention)
    {
        Tensor y = Heads(_query, x).ScaledDotProductAttention(Heads(_key, x), Heads(_value, x), attention);
        Tensor a = _dense.Forward(y.Transpose(1, 2).Reshape(x.Shape[0], x.Shape[1], x.Shape[2]));   // (B, H, T, D) → (B, T, C)
        x = _attentionNorm.Forward(x + a.Dropout(_dropout));
        Tensor m = _down.Forward(_up.Forward(x));                                          // (B, T, F) → (B, T, C)
        return _norm.Forward(x + m.Dropout(_dropout));
    }

    // (B, T, C) → (B, H, T, D).
    private Tensor Heads(Linear projection, Tensor x)
    {
        Tensor y = projection.Forward(x);
        return y.Reshape(x.Shape[0], x.Shape[1], _heads, x.Shape[2] / _heads).Transpose(1, 2);
    }
}
