using Engine.Nn;

namespace Engine.Pretraining.Models;

/// <summary>
/// How a decoder's tokens know where they are, in the three places where that can enter: added to the embedding (learned,
/// sinusoidal), turned into queries and keys (rotary), or as a bias of the scores (ALiBi).
/// </summary>
internal sealed class DecoderPositions : Module
{
    private readonly LlamaConfig _config;
    private readonly Embedding? _learned;
    private Tensor _table;
    private Tensor _factors;
    private readonly float[] _slopes = [];
    private Tensor _bias;
    private (int Past, int T) _biasOf;

    public DecoderPositions(Device device, LlamaConfig config, Initializer normal)
        : base(device)
    {
        _config = config;
        switch (config.PositionEmbedding)
        {
            case "learned":
                _learned = Add("embed_positions", new Embedding(device, config.MaxPositionEmbeddings, config.HiddenSize, normal));
                break;
            case "sinusoidal":
                _table = Tensor.SinusoidalPositions(device, config.MaxPositionEmbeddings, config.HiddenSize);
                break;
            case "rotary" when config.RopeScaling is not null && device.HoldsValues:
                float[] factors = config.RopeScaling.Factors(config.HiddenSize / config.NumAttentionHeads, config.RopeTheta);
                _factors = Tensor.From<float>(device, factors, [factors.Length], tag: "positions");
                break;
            case "alibi" when device.HoldsValues:
                using (Tensor slopes = Tensor.AlibiSlopes(device, config.NumAttentionHeads))
                {
                    _slopes = slopes.ToArray();
                }

                break;
        }
    }

    /// <summary>
    /// x (B, T, C) at positions past … past + T − 1, or at its own (T) if they are given, with what belongs to the embedding. Sinusoids are added to √C·x (Vaswani et al.
    /// 2017, section 3.4), else they would drown the tokens.
    /// </summary>
    public Tensor Embed(Tensor x, int past, Tensor own)
    {
        int end = past + x.Shape[1];
        if (_learned is not null)
        {
            return x + (own.IsDefined ? _learned.Forward(own) : _learned.Rows(x.Scope!, past, end));
        }

        if (!_table.IsDefined)
        {
            return x;
        }

        Tensor table = x.Scope!.Use(_table);
        return (x * MathF.Sqrt(x.Shape[^1])) + (own.IsDefined ? table.Embedding(own) : table.Slice(0, past, end)).To(x.DType);
    }

    /// <summary>Queries or keys (B, H, T, D) with what belongs to them.</summary>
    public Tensor Turn(Tensor x, int past, Tensor own) => _config.PositionEmbedding != "rotary" ? x
        : own.IsDefined ? x.RotaryEmbedding(own, RotaryPairing.Half, _config.RopeTheta, _factors)
        : x.RotaryEmbedding(RotaryPairing.Half, _config.RopeTheta, past, _factors);

    /// <summary>What T queries after <paramref name="past"/> tokens see in every layer, and with what bias.</summary>
    public AttentionOptions Mask(int past, int T) =>
        new(Causal: true, Window: _config.SlidingWindow, Bias: _slopes.Length > 0 ? Alibi(past, T) : default);

    protected override void Dispose(bool disposing)
    {
        _table.Dispose();
        _factors.Dispose();
        _bias.Dispose();
        base.Dispose(disposing);
    }

    // −slope·distance (H, T, past + T); keys behind the query are masked anyway. Training asks for the same again and again.
    private Tensor Alibi(int past, int T)
    {
        if (_bias.IsDefined && _biasOf == (past, T))
        {
            return _bias;
        }

        int keys = past + T;
        float[] bias = new float[_slopes.Length * T * keys];
        for (int row = 0; row < _slopes.Length * T; row++)
        {
            int position = past + (row % T);
            for (int key = 0; key <= position; key++)
            {
                bias[(row * keys) + key] = _slopes[row / T] * (key - position);
            }
        }

        _bias.Dispose();
        _bias = Tensor.Empty(Device, [_slopes.Length, T, keys], tag: "positions");
        _bias.Load<float>(bias);
        _biasOf = (past, T);
        return _bias;
    }
}
