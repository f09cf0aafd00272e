using Engine.Nn;

namespace Engine.Pretraining.Models;

/// <summary>
/// T5 (Raffel et al., "Exploring the limits of transfer learning with a unified text-to-text transformer", 2020): pre-norm blocks
/// with RMS norms and no biases at all, positions as a learned bias of the scores by relative distance that the blocks of a
/// stack share, and scores that are not divided by √D (the initialisation does it). Parameter names and first values are
/// Hugging Face's; the output layer of 1.1, which is not tied, starts at C^−½ so that first scores are of size 1.
/// </summary>
public sealed class T5 : EncoderDecoder
{
    private readonly Embedding _shared;
    private readonly Stack _encoder;
    private readonly Stack _decoder;
    private readonly Linear? _lmHead;

    /// <summary>A freshly initialised model.</summary>
    /// <param name="device">Where it lives.</param>
    /// <param name="config">Its shape.</param>
    /// <param name="seed">Of the initial weights.</param>
    /// <exception cref="EngineException">The configuration is not valid.</exception>
    public T5(Device device, T5Config config, ulong seed = 0)
        : base(device)
    {
        Config = config.Validated();
        Weights weights = new(config, new RandomStream(seed, stream: Gpt2.InitializationStream));
        _shared = Add("shared", new Embedding(device, config.VocabSize, config.DModel, weights.Normal(1)));
        _encoder = Add("encoder", new Stack(device, config, weights, decoder: false));
        _decoder = Add("decoder", new Stack(device, config, weights, decoder: true));
        _lmHead = config.TieWordEmbeddings ? null : Add("lm_head", new Linear(device, config.DModel, config.VocabSize, weights.Normal(config.DModel), bias: false));
    }

    /// <summary>The model's shape.</summary>
    public T5Config Config { get; }

    /// <inheritdoc/>
    protected override Parameter Head => _lmHead?.Weight ?? _shared.Weight;

    /// <inheritdoc/>
    public override Tensor Encode(Tensor inputIds, Tensor attentionMask = default) =>
        _encoder.Forward(_shared.Forward(inputIds), default, new AttentionOptions(KeyMask: attentionMask, Scale: 1f), default, null);

    /// <inheritdoc/>
    public override Tensor Decode(Tensor decoderInputIds, Tensor encoded, Tensor attentionMask = default, DecoderCache? cache = null)
    {
        Tensor y = _decoder.Forward(
            _shared.Forward(decoderInputIds), encoded, new AttentionOptions(Causal: true, Scale: 1f), new AttentionOptions(KeyMask: attentionMask, Scale: 1f), cache);
        return Config.TieWordEmbeddings ? y * (1f / MathF.Sqrt(Config.DModel)) : y;
    }

    /// <inheritdoc/>
    public override DecoderCache NewCache(int batch, int tokens) => new(
        new KeyValueCache(Device, Config.NumLayers, batch, Config.NumHeads, tokens, Config.DKv, _shared.Weight.ActivationType), Config.NumLayers);

    // First values: N(0, 1/inputs) everywhere, and for queries also 1/D, which stands for the scaling of the scores.
    private sealed record Weights(T5Config Config, RandomStream Random)
    {
        public Initializer Normal(int inputs) => Initializer.Normal(1f / MathF.Sqrt(inputs), Random);

        public MultiHeadAttention Attention(Device device) => new(
            device, AttentionNames.T5, Config.DModel, Config.NumHeads, Config.DKv,
            Normal(Config.DModel * Config.DKv), Normal(Config.DModel), Normal(Config.NumHeads * Config.DKv), bias: false);
    }

    /// <summary>Encoder or decoder. The table of position biases belongs to block 0 and serves them all.</summary>
    private sealed class Stack : Module
    {
        private readonly T5Config _config;
        private readonly bool _decoder;
        private readonly Block[] _blocks;
        private readonly RmsNorm _finalNorm;
        private int[] _buckets = [];
        private int _length;

        public Stack(Device device, T5Config config, Weights weights, bool decoder)
            : base(device)
        {
            (_config, _decoder) = (config, decoder);
            _blocks = [.. Enumerable.Range(0, config.NumLayers).Select(i => Add($"block.{i}", new Block(device, weights, decoder, first: i == 0)))];
            _finalNorm = Add("final_layer_norm", new RmsNorm(device, config.DModel, config.LayerNormEpsilon));
        }

        public Tensor Forward(Tensor x, Tensor encoded, AttentionOptions self, in AttentionOptions cross, DecoderCache? cache)
        {
            int T = x.Shape[1];
            self = self with { Bias = PositionBias(x, T + (cache?.Target.Length ?? 0)) };
            x = x.Dropout(_config.DropoutRate);
            for (int i = 0; i < _blocks.Length; i++)
            {
                x = _blocks[i].Forward(x, encoded, self, cross, cache, i);           // (B, T, C)
            }

            cache?.Target.Advance(T);

            return _finalNorm.Forward(x).Dropout(_config.DropoutRate);
        }

        // (H, T, K), the queries last. The buckets of one length are kept: training has only one or two.
        private Tensor PositionBias(Tensor x, int K)
        {
            StepScope step = x.Scope ?? throw new EngineException("T5: input_ids must belong to a StepScope; make them with StepScope.From.");
            int T = x.Shape[1];
            if ((_length, _buckets.Length) != (K, T * K))
            {
                _buckets = RelativeBuckets.Table(T, K, !_decoder, _config.RelativeAttentionNumBuckets, _config.RelativeAttentionMaxDistance);
                _length = K;
            }

            Tensor bias = _blocks[0].PositionBias!.Forward(step.From<int>(_buckets, [T, K]));
            return bias.To(DType.Float32).Permute(2, 0, 1).Contiguous();
        }
    }

    /// <summary>x + attention(norm(x)); in a decoder x + attention on the source; x + feed-forward(norm(x)).</summary>
    private sealed class Block : Module
    {
        private readonly RmsNorm _selfNorm;
        private readonly MultiHeadAttention _self;
        private readonly RmsNorm? _crossNorm;
        private readonly MultiHeadAttention? _cross;
        private readonly RmsNorm _feedForwardNorm;
        private readonly Linear _wi;
        private readonly Linear? _gate;
        private readonly Linear _wo;
        private readonly float _dropout;

        public Block(Device device, Weights weights, bool decoder, bool first)
            : base(device)
        {
            T5Config config = weights.Config;
            (_dropout, int C, int F) = (config.DropoutRate, config.DModel, config.DFf);
            RmsNorm Norm(int layer) => Add($"layer.{layer}.layer_norm", new RmsNorm(device, C, config.LayerNormEpsilon));
            _self = Add("layer.0.SelfAttention", weights.Attention(device));
            PositionBias = first
                ? Add("layer.0.SelfAttention.relative_attention_bias", new Embedding(device, config.RelativeAttentionNumBuckets, config.NumHeads, weights.Normal(C)))
                : null;
            _selfNorm = Norm(0);
            _cross = decoder ? Add("layer.1.EncDecAttention", weights.Attention(device)) : null;
            _crossNorm = decoder ? Norm(1) : null;
            int last = decoder ? 2 : 1;
            bool gated = config.FeedForwardProj == "gated-gelu";
            Linear Into(string name, Activation activation) =>
                Add($"layer.{last}.DenseReluDense.{name}", new Linear(device, C, F, weights.Normal(C), activation, bias: false));
            _wi = Into(gated ? "wi_0" : "wi", gated ? Activation.GeluTanh : Activation.None);
            _gate = gated ? Into("wi_1", Activation.None) : null;
            _wo = Add($"layer.{last}.DenseReluDense.wo", new Linear(device, F, C, weights.Normal(F), bias: false));
            _feedForwardNorm = Norm(last);
        }

        public Embedding? PositionBias { get; }

        public Tensor Forward(Tensor x, Tensor encoded, in AttentionOptions self, in AttentionOptions cross, DecoderCache? cache, int layer)
        {
            x += _self.Self(_selfNorm.Forward(x), self, cache, layer).Dropout(_dropout);              // (B, T, C)
            if (_cross is not null)
            {
                x += _cross.Cross(_crossNorm!.Forward(x), encoded, cross, cache, layer).Dropout(_dropout);
            }

            return x + FeedForward(_feedForwardNorm.Forward(x)).Dropout(_dropout);
        }

        private Tensor FeedForward(Tensor x)
        {
            Tensor h = _gate is null ? _wi.Forward(x).Relu() : _wi.Forward(x) * _gate.Forward(x);   // (B, T, F)
            return _wo.Forward(h.Dropout(_dropout));
        }
    }
}
