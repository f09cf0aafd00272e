using Engine.Nn;

namespace Engine.Pretraining.Models;

/// <summary>
/// Scores of the tokens at chosen places: norm(gelu(W·h + b))·Eᵀ + bias, with the embedding table E (V, E) as output layer (Devlin et
/// al. 2019, appendix A; google-research/bert, run_pretraining.py).
/// </summary>
internal sealed class MaskedTokenHead : Module
{
    private readonly Linear _dense;
    private readonly LayerNorm _norm;
    private readonly Parameter _bias;

    /// <summary>A head from C to E and then to V.</summary>
    /// <param name="device">Where it lives.</param>
    /// <param name="config">Sizes; C is what it reads, E what the table has.</param>
    /// <param name="normal">First values.</param>
    /// <param name="dense">What the checkpoint calls W and b.</param>
    /// <param name="norm">What it calls the norm.</param>
    /// <param name="bias">What it calls the bias (V).</param>
    public MaskedTokenHead(
        Device device, EncoderConfig config, Initializer normal, string dense = "dense", string norm = "LayerNorm", string bias = "bias")
        : base(device)
    {
        _bias = Param(bias, [config.VocabSize], Initializer.Zeros);
        _dense = Add(dense, new Linear(device, config.HiddenSize, config.EmbeddingSize, normal, config.Activation));
        _norm = Add(norm, new LayerNorm(device, config.EmbeddingSize, config.LayerNormEps));
    }

    /// <summary>hidden (…, C), table (V, E) → (…, V).</summary>
    public Tensor Forward(Tensor hidden, Parameter table) => _norm.Forward(_dense.Forward(hidden)).Linear(table, _bias);
}
