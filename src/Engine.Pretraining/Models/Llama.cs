using Engine.Nn;
using Engine.Pretraining.Objectives;

namespace Engine.Pretraining.Models;

/// <summary>
/// Llama (Touvron et al., 2023): token embedding, L pre-norm blocks of grouped-query attention with rotary positions and a SwiGLU
/// feed-forward part, a final RMS norm and an output layer of its own. With experts it is Mixtral (Jiang et al., "Mixtral of
/// experts", 2024), with a sliding window Mistral (2023). No biases anywhere; weights from N(0, 0.02), those that end in the
/// residual stream from N(0, 0.02/√(2L)) as in GPT-2; parameter names are Hugging Face's.
/// </summary>
public sealed class Llama : CausalLanguageModel
{
    private readonly Embedding _embedTokens;
    private readonly Block[] _layers;
    private readonly MixtureOfExperts[] _experts;
    private readonly RmsNorm _norm;
    private readonly Linear? _lmHead;
    private readonly DecoderPositions _positions;

    /// <summary>A freshly initialised model.</summary>
    /// <param name="device">Where it lives.</param>
    /// <param name="config">Its shape.</param>
    /// <param name="seed">Of the initial weights.</param>
    /// <exception cref="EngineException">The configuration is not valid.</exception>
    public Llama(Device device, LlamaConfig config, ulong seed = 0)
        : base(device)
    {
        Config = config.Validated();
        RandomStream random = new(seed, stream: Gpt2.InitializationStream);
        Initializer normal = Initializer.Normal(0.02f, random);
        Initializer residual = Initializer.Normal(0.02f / MathF.Sqrt(2f * config.NumHiddenLayers), random);
        _embedTokens = Add("model.embed_tokens", new Embedding(device, config.VocabSize, config.HiddenSize, normal));
        _positions = Add("model", new DecoderPositions(device, config, normal));
        _layers = [.. Enumerable.Range(0, config.NumHiddenLayers).Select(i => Add($"model.layers.{i}", new Block(device, config, _positions, normal, residual)))];
        _experts = [.. _layers.Select(l => l.Experts).OfType<MixtureOfExperts>()];
        _norm = Add("model.norm", new RmsNorm(device, config.HiddenSize, config.RmsNormEps));
        _lmHead = config.TieWordEmbeddings ? null : Add("lm_head", new Linear(device, config.HiddenSize, config.VocabSize, normal, bias: false));
    }

    /// <summary>The model's shape.</summary>
    public LlamaConfig Config { get; }

    /// <inheritdoc/>
    public override int ContextLength => Config.MaxPositionEmbeddings;

    /// <inheritdoc/>
    public override int VocabSize => Config.VocabSize;

    /// <summary>The layers' experts, if there are any, for figures about their load.</summary>
    public IReadOnlyList<MixtureOfExperts> Experts => _experts;

    /// <inheritdoc/>
    protected override Parameter Head => _lmHead?.Weight ?? _embedTokens.Weight;

    /// <inheritdoc/>
    public override KeyValueCache NewCache(int batch = 1) => new(
        Device, Config.NumHiddenLayers, batch, Config.NumKeyValueHeads, Config.MaxPositionEmbeddings, Config.HiddenSize / Config.NumAttentionHeads,
        _embedTokens.Weight.ActivationType);

    /// <inheritdoc/>
    public override KeyValuePool NewPool(int tokens) => new(
        Device, Config.NumHiddenLayers, Config.NumKeyValueHeads, tokens, Config.HiddenSize / Config.NumAttentionHeads, Config.SlidingWindow,
        _embedTokens.Weight.ActivationType);

    /// <inheritdoc/>
    public override Tensor Hidden(Tensor inputIds, KeyValueStore? cache = null)
    {
        int T = inputIds.Shape[^1];
        int past = cache?.Past ?? 0;
        Tensor own = cache?.Positions ?? default;
        if (!own.IsDefined && past + T > Config.MaxPositionEmbeddings)
        {
            throw new EngineException(
                $"Llama: input_ids {inputIds.Shape}{(past > 0 ? $" after {past} tokens" : string.Empty)} are longer than max_position_embeddings, {Config.MaxPositionEmbeddings}.");
        }

        Tensor x = _positions.Embed(_embedTokens.Forward(inputIds), past, own).Dropout(Config.Dropout);   // (B, T, C)
        AttentionOptions mask = _positions.Mask(past, T);
        mask = cache?.Visible(mask) ?? mask;
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            x = _layers[layer].Forward(x, mask, cache, layer);
        }

        cache?.Advance(T);
        return _norm.Forward(x);
    }

    /// <summary>
    /// The mean cross-entropy of the next token, as <see cref="CausalLanguageModel.Loss"/>; while training experts, plus α times
    /// the load-balancing loss of each layer (Fedus et al. 2022, section 2.2: it is added for every layer of experts).
    /// </summary>
    public override Tensor Loss(Tensor inputIds, Tensor labels)
    {
        Tensor loss = base.Loss(inputIds, labels);
        if (!loss.Scope!.Recording)
        {
            return loss;
        }

        foreach (MixtureOfExperts experts in _experts)
        {
            loss += experts.BalanceLoss * Config.RouterAuxLossCoef;
        }

        return loss;
    }

    /// <summary>
    /// With experts, <c>expert_load_min</c> and <c>expert_load_max</c>: the loads of the idlest and the busiest expert of any layer as multiples
    /// of an even share.
    /// </summary>
    public override IReadOnlyList<EvaluationFigure> TakeFigures()
    {
        if (_experts.Length == 0)
        {
            return [];
        }

        (double Least, double Most)[] loads = [.. _experts.Select(e => e.TakeLoads())];
        return [new EvaluationFigure("expert_load_min", loads.Min(l => l.Least)), new EvaluationFigure("expert_load_max", loads.Max(l => l.Most))];
    }

    /// <summary>x + attention(norm(x)), then x + feed-forward(norm(x)).</summary>
    private sealed class Block : Module
    {
        private readonly LlamaConfig _config;
        private readonly DecoderPositions _positions;
        private readonly RmsNorm _inputNorm;
        private readonly Linear _q;
        private readonly Linear _k;
        private readonly Linear _v;
        private readonly Linear _o;
        private readonly RmsNorm _postNorm;
        private readonly SwiGlu? _mlp;

        public Block(Device device, LlamaConfig config, DecoderPositions positions, Initializer normal, Initializer residual)
            : base(device)
        {
            (_config, _positions, int C, int H) = (config, positions, config.HiddenSize, config.NumAttentionHeads);
            int kv = C / H * config.NumKeyValueHeads;
            _inputNorm = Add("input_layernorm", new RmsNorm(device, C, config.RmsNormEps));
            _q = Add("self_attn.q_proj", new Linear(device, C, C, normal, bias: false));
            _k = Add("self_attn.k_proj", new Linear(device, C, kv, normal, bias: false));
            _v = Add("self_attn.v_proj", new Linear(device, C, kv, normal, bias: false));
            _o = Add("self_attn.o_proj", new Linear(device, C, C, residual, bias: false));
            _postNorm = Add("post_attention_layernorm", new RmsNorm(device, C, config.RmsNormEps));
            if (config.NumLocalExperts > 0)
            {
                Experts = Add("block_sparse_moe", new MixtureOfExperts(device, config, normal, residual));
            }
            else
            {
                _mlp = Add("mlp", new SwiGlu(device, C, config.IntermediateSize, normal, residual, "gate_proj", "up_proj", "down_proj"));
            }
        }

        public MixtureOfExperts? Experts { get; }

        public Tensor Forward(Tensor x, in AttentionOptions mask, KeyValueStore? cache, int layer)
        {
            x += _o.Forward(Attend(_inputNorm.Forward(x), mask, cache, layer)).Dropout(_config.Dropout);       // (B, T, C)
            Tensor h = _postNorm.Forward(x);
            Tensor f = Experts is null ? _mlp!.Forward(h) : Experts.Forward(h);
            return x + f.Dropout(_config.Dropout);
        }

        private Tensor Attend(Tensor x, in AttentionOptions mask, KeyValueStore? cache, int layer)
        {
            (int B, int T, int C) = (x.Shape[0], x.Shape[1], x.Shape[2]);
            int D = C / _config.NumAttentionHeads;
            int past = cache?.Past ?? 0;
            Tensor own = cache?.Positions ?? default;
            Tensor Heads(Linear projection) => projection.Forward(x).Reshape(B, T, -1, D).Transpose(1, 2);
            Tensor q = _positions.Turn(Heads(_q), past, own);                                             // (B, H, T, D)
            Tensor k = _positions.Turn(Heads(_k), past, own);                                             // (B, Hk, T, D)
            Tensor v = Heads(_v);                                                                         // (B, Hk, T, D)
            if (cache is not null)
            {
                cache.Append(layer, k, v, out k, out v);                                                  // (B, Hk, past + T, D)
            }

            Tensor y = q.ScaledDotProductAttention(k, v, mask);
            return y.Transpose(1, 2).Reshape(B, T, C);
        }
    }
}
