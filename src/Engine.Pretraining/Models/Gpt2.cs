using Engine.Nn;

namespace Engine.Pretraining.Models;

/// <summary>
/// GPT-2 (Radford et al., "Language models are unsupervised multitask learners", 2019): token and position embeddings, L
/// pre-norm blocks, a final norm, and a head tied to the token embedding. Weights are drawn from N(0, 0.02), those of the
/// two projections that end in the residual stream from N(0, 0.02/√(2L)); parameter names are Hugging Face's.
/// </summary>
public sealed class Gpt2 : CausalLanguageModel
{
    private readonly Embedding _wte;
    private readonly Embedding _wpe;
    private readonly Block[] _h;
    private readonly LayerNorm _lnF;

    /// <summary>A freshly initialised model.</summary>
    /// <param name="device">Where it lives.</param>
    /// <param name="config">Its shape.</param>
    /// <param name="seed">Of the initial weights.</param>
    /// <exception cref="EngineException">The configuration is not valid.</exception>
    public Gpt2(Device device, Gpt2Config config, ulong seed = 0)
        : base(device)
    {
        Config = config.Validated();
        RandomStream random = new(seed, stream: InitializationStream);
        Initializer normal = Initializer.Normal(0.02f, random);
        Initializer residual = Initializer.Normal(0.02f / MathF.Sqrt(2f * config.NLayer), random);
        _wte = Add("wte", new Embedding(device, config.VocabSize, config.NEmbd, normal));
        _wpe = Add("wpe", new Embedding(device, config.NPositions, config.NEmbd, normal));
        _h = [.. Enumerable.Range(0, config.NLayer).Select(i => Add($"h.{i}", new Block(device, config, normal, residual)))];
        _lnF = Add("ln_f", new LayerNorm(device, config.NEmbd, config.LayerNormEpsilon, config.Bias));
    }

    /// <summary>The stream of a seed that initial weights are drawn from.</summary>
    public const ulong InitializationStream = 1;

    /// <summary>The model's shape.</summary>
    public Gpt2Config Config { get; }

    /// <summary>Whether blocks keep only their input and run again in backward: less memory, a third more time.</summary>
    public bool Checkpointing { get; set; }

    /// <inheritdoc/>
    public override int ContextLength => Config.NPositions;

    /// <inheritdoc/>
    public override int VocabSize => Config.VocabSize;

    /// <inheritdoc/>
    protected override Parameter Head => _wte.Weight;

    /// <inheritdoc/>
    public override KeyValueCache NewCache(int batch = 1) =>
        new(Device, Config.NLayer, batch, Config.NHead, Config.NPositions, Config.NEmbd / Config.NHead, _wte.Weight.ActivationType);

    /// <inheritdoc/>
    public override KeyValuePool NewPool(int tokens) =>
        new(Device, Config.NLayer, Config.NHead, tokens, Config.NEmbd / Config.NHead, dtype: _wte.Weight.ActivationType);

    /// <inheritdoc/>
    public override Tensor Hidden(Tensor inputIds, KeyValueStore? cache = null)
    {
        int T = inputIds.Shape[^1];
        int past = cache?.Past ?? 0;
        Tensor own = cache?.Positions ?? default;
        if (!own.IsDefined && past + T > Config.NPositions)
        {
            throw new EngineException(
                $"GPT-2: input_ids {inputIds.Shape}{(past > 0 ? $" after {past} tokens" : string.Empty)} are longer than n_positions, {Config.NPositions}.");
        }

        StepScope step = inputIds.Scope ?? throw new EngineException("GPT-2: input_ids must belong to a StepScope; make them with StepScope.From.");
        Tensor positions = own.IsDefined ? _wpe.Forward(own) : _wpe.Rows(step, past, past + T);   // (T, C)
        Tensor x = (_wte.Forward(inputIds) + positions).Dropout(Config.Dropout);     // (B, T, C)
        for (int layer = 0; layer < _h.Length; layer++)
        {
            Block block = _h[layer];
            x = Checkpointing && cache is null ? step.Checkpoint(x, block) : block.Forward(x, cache, layer);   // (B, T, C)
        }

        cache?.Advance(T);
        return _lnF.Forward(x);
    }

    /// <summary>x + attention(norm(x)), then x + mlp(norm(x)).</summary>
    private sealed class Block : Module, IForward
    {
        private readonly LayerNorm _ln1;
        private readonly Conv1D _cAttn;
        private readonly Conv1D _attnProj;
        private readonly LayerNorm _ln2;
        private readonly Conv1D _cFc;
        private readonly Conv1D _mlpProj;
        private readonly Gpt2Config _config;

        public Block(Device device, Gpt2Config config, Initializer normal, Initializer residual)
            : base(device)
        {
            (_config, int C, float eps, bool bias) = (config, config.NEmbd, config.LayerNormEpsilon, config.Bias);
            Activation gelu = config.ActivationFunction == "gelu" ? Activation.Gelu : Activation.GeluTanh;
            _ln1 = Add("ln_1", new LayerNorm(device, C, eps, bias));
            _cAttn = Add("attn.c_attn", new Conv1D(device, C, 3 * C, normal, bias: bias));
            _attnProj = Add("attn.c_proj", new Conv1D(device, C, C, residual, bias: bias));
            _ln2 = Add("ln_2", new LayerNorm(device, C, eps, bias));
            _cFc = Add("mlp.c_fc", new Conv1D(device, C, 4 * C, normal, gelu, bias));
            _mlpProj = Add("mlp.c_proj", new Conv1D(device, 4 * C, C, residual, bias: bias));
        }

        public Tensor Forward(Tensor x) => Forward(x, null, 0);

        public Tensor Forward(Tensor x, KeyValueStore? cache, int layer)
        {
            int H = _config.NHead;
            Tensor qkv = _cAttn.Forward(_ln1.Forward(x));                            // (B, T, 3C)
            Tensor y = cache is null ? qkv.CausalSelfAttention(H) : qkv.CausalSelfAttention(H, cache, layer);
            Tensor a = _attnProj.Forward(y);                                         // (B, T, C)
            x += a.Dropout(_config.Dropout);
            Tensor m = _mlpProj.Forward(_cFc.Forward(_ln2.Forward(x)));              // (B, T, 4C) → (B, T, C)
            return x + m.Dropout(_config.Dropout);
        }
    }
}
