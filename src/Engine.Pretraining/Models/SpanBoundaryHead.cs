using Engine.Nn;

namespace Engine.Pretraining.Models;

/// <summary>
/// SpanBERT's prediction of a hidden span's tokens from the states at its borders (Joshi et al., "SpanBERT: improving pre-training by
/// representing and predicting spans", 2020, section 3.2):
/// <code>
/// h₀ = [x_{s−1}; x_{e+1}; p_{i−s+1}],  h₁ = norm(gelu(W₁·h₀ + b₁)),  y = norm(gelu(W₂·h₁ + b₂)),  scores = y·Eᵀ + b
/// </code>
/// Positions p have 200 columns, and there are 20 of them, as in the authors' code (pair_bert.py), whose parameter names these are.
/// </summary>
internal sealed class SpanBoundaryHead : Module
{
    /// <summary>The longest span that has a position for each of its tokens.</summary>
    public const int MaxSpan = 20;

    private const int PositionWidth = 200;
    private readonly Parameter _bias;
    private readonly Embedding _positions;
    private readonly Linear _linear1;
    private readonly LayerNorm _norm1;
    private readonly Linear _linear2;
    private readonly LayerNorm _norm2;

    public SpanBoundaryHead(Device device, EncoderConfig config, Initializer normal)
        : base(device)
    {
        (int C, float eps) = (config.HiddenSize, config.LayerNormEps);
        _bias = Param("bias", [config.VocabSize], Initializer.Zeros);
        _positions = Add("position_embeddings", new Embedding(device, MaxSpan, PositionWidth, normal));
        _linear1 = Add("mlp_layer_norm.linear1", new Linear(device, (2 * C) + PositionWidth, C, normal, config.Activation));
        _norm1 = Add("mlp_layer_norm.layer_norm1", new LayerNorm(device, C, eps));
        _linear2 = Add("mlp_layer_norm.linear2", new Linear(device, C, C, normal, config.Activation));
        _norm2 = Add("mlp_layer_norm.layer_norm2", new LayerNorm(device, C, eps));
    }

    /// <summary>left, right (N, C), places (N) int32, table (V, C) → (N, V).</summary>
    public Tensor Forward(Tensor left, Tensor right, Tensor places, Parameter table)
    {
        Tensor h0 = Tensor.Cat(1, left, right, _positions.Forward(places));   // (N, 2C + 200)
        Tensor h1 = _norm1.Forward(_linear1.Forward(h0));                     // (N, C)
        return _norm2.Forward(_linear2.Forward(h1)).Linear(table, _bias);     // (N, V)
    }
}
