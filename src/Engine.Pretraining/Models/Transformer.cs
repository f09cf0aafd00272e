using Engine.Nn;

namespace Engine.Pretraining.Models;

/// <summary>
/// The encoder-decoder of "Attention is all you need" (Vaswani et al. 2017): post-norm layers, one embedding for source, target and
/// output layer, multiplied by √C where it is looked up (section 3.4), plus sinusoidal positions. Matrices start
/// with variance 2/(in + out) (Glorot and Bengio 2010, as tensor2tensor has it), the embedding with 1/C. Names are Marian's in Hugging Face.
/// </summary>
public sealed class Transformer : EncoderDecoder
{
    private readonly Embedding _shared;
    private readonly Layer[] _encoder;
    private readonly Layer[] _decoder;
    private readonly Tensor _positions;

    /// <summary>A freshly initialised model.</summary>
    /// <param name="device">Where it lives.</param>
    /// <param name="config">Its shape.</param>
    /// <param name="seed">Of the initial weights.</param>
    /// <exception cref="EngineException">The configuration is not valid.</exception>
    public Transformer(Device device, TransformerConfig config, ulong seed = 0)
        : base(device)
    {
        Config = config.Validated();
        RandomStream random = new(seed, stream: Gpt2.InitializationStream);
        Layer[] Stack(string name, bool decoder) =>
            [.. Enumerable.Range(0, config.Layers).Select(i => Add($"model.{name}.layers.{i}", new Layer(device, config, random, decoder)))];
        _shared = Add("model.shared", new Embedding(device, config.VocabSize, config.DModel, Initializer.Normal(1f / MathF.Sqrt(config.DModel), random)));
        _encoder = Stack("encoder", decoder: false);
        _decoder = Stack("decoder", decoder: true);
        _positions = device.HoldsValues ? Tensor.SinusoidalPositions(device, config.MaxPositionEmbeddings, config.DModel) : default;
    }

    /// <summary>The model's shape.</summary>
    public TransformerConfig Config { get; }

    /// <inheritdoc/>
    protected override float LabelSmoothing => Config.LabelSmoothing;

    /// <inheritdoc/>
    protected override Parameter Head => _shared.Weight;

    /// <inheritdoc/>
    public override Tensor Encode(Tensor inputIds, Tensor attentionMask = default)
    {
        Tensor x = Embed(inputIds);
        foreach (Layer layer in _encoder)
        {
            x = layer.Forward(x, default, new AttentionOptions(KeyMask: attentionMask), default, null, 0);   // (B, S, C)
        }

        return x;
    }

    /// <inheritdoc/>
    public override Tensor Decode(Tensor decoderInputIds, Tensor encoded, Tensor attentionMask = default, DecoderCache? cache = null)
    {
        Tensor x = Embed(decoderInputIds, cache?.Target.Length ?? 0);
        for (int i = 0; i < _decoder.Length; i++)
        {
            x = _decoder[i].Forward(x, encoded, new AttentionOptions(Causal: true), new AttentionOptions(KeyMask: attentionMask), cache, i);   // (B, T, C)
        }

        cache?.Target.Advance(decoderInputIds.Shape[1]);
        return x;
    }

    /// <inheritdoc/>
    public override DecoderCache NewCache(int batch, int tokens) => new(
        new KeyValueCache(Device, _decoder.Length, batch, Config.Heads, tokens, Config.DModel / Config.Heads, _shared.Weight.ActivationType), _decoder.Length);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _positions.Dispose();
        base.Dispose(disposing);
    }

    private Tensor Embed(Tensor ids, int past = 0)
    {
        int T = past + ids.Shape[1];
        if (T > Config.MaxPositionEmbeddings)
        {
            throw new EngineException($"transformer: a sequence of {T} tokens, {ids.Shape}, is longer than max_position_embeddings, {Config.MaxPositionEmbeddings}.");
        }

        StepScope step = ids.Scope ?? throw new EngineException("transformer: input_ids must belong to a StepScope; make them with StepScope.From.");
        Tensor e = _shared.Forward(ids) * MathF.Sqrt(Config.DModel);                 // (B, T, C)
        return (e + step.Use(_positions).Slice(0, past, T).To(e.DType)).Dropout(Config.Dropout);
    }

    /// <summary>norm(x + attention(x)); in a decoder norm(x + attention on the source); norm(x + feed-forward(x)).</summary>
    private sealed class Layer : Module
    {
        private readonly MultiHeadAttention _self;
        private readonly LayerNorm _selfNorm;
        private readonly MultiHeadAttention? _cross;
        private readonly LayerNorm? _crossNorm;
        private readonly Linear _fc1;
        private readonly Linear _fc2;
        private readonly LayerNorm _finalNorm;
        private readonly float _dropout;

        public Layer(Device device, TransformerConfig config, RandomStream random, bool decoder)
            : base(device)
        {
            (_dropout, int C, int F) = (config.Dropout, config.DModel, config.FfnDim);
            Initializer Glorot(int inputs, int outputs) => Initializer.Normal(MathF.Sqrt(2f / (inputs + outputs)), random);
            MultiHeadAttention Attention(string name) =>
                Add(name, new MultiHeadAttention(device, AttentionNames.Marian, C, config.Heads, C / config.Heads, Glorot(C, C), Glorot(C, C), Glorot(C, C), bias: true));
            LayerNorm Norm(string name) => Add(name, new LayerNorm(device, C));
            _self = Attention("self_attn");
            _selfNorm = Norm("self_attn_layer_norm");
            _cross = decoder ? Attention("encoder_attn") : null;
            _crossNorm = decoder ? Norm("encoder_attn_layer_norm") : null;
            _fc1 = Add("fc1", new Linear(device, C, F, Glorot(C, F)));
            _fc2 = Add("fc2", new Linear(device, F, C, Glorot(F, C)));
            _finalNorm = Norm("final_layer_norm");
        }

        public Tensor Forward(Tensor x, Tensor encoded, in AttentionOptions self, in AttentionOptions cross, DecoderCache? cache, int layer)
        {
            x = _selfNorm.Forward(x + _self.Self(x, self, cache, layer).Dropout(_dropout));  // (B, T, C)
            if (_cross is not null)
            {
                x = _crossNorm!.Forward(x + _cross.Cross(x, encoded, cross, cache, layer).Dropout(_dropout));
            }

            Tensor h = _fc1.Forward(x).Relu();                                       // (B, T, F)
            return _finalNorm.Forward(x + _fc2.Forward(h).Dropout(_dropout));
        }
    }
}
