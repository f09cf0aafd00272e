using Engine.Nn;

namespace Engine.Pretraining.Models;

/// <summary>
/// XLNet (Yang et al., "XLNet: generalized autoregressive pretraining for language understanding", 2019). A token is predicted from any
/// set of others, as masks say. Two streams share all weights (section 2.3): the content stream h has read its own token, the query
/// stream g knows only its own position and predicts. Positions are relative and a memory of earlier hidden states can stand before the
/// text, both as in Transformer-XL (Dai et al. 2019). Names are Hugging Face's. There are no segments, whose weights are left out.
/// </summary>
public sealed class XLNet : Module
{
    private readonly Embedding _wordEmbedding;
    private readonly Parameter _maskEmb;
    private readonly Layer[] _layers;
    private readonly Parameter _bias;
    private float[] _positions = [];
    private int _reach;

    /// <summary>A freshly initialised model: weights from N(0, 0.02).</summary>
    /// <param name="device">Where it lives.</param>
    /// <param name="config">Its shape.</param>
    /// <param name="seed">Of the initial weights.</param>
    /// <exception cref="EngineException">The configuration is not valid.</exception>
    public XLNet(Device device, XLNetConfig config, ulong seed = 0)
        : base(device)
    {
        Config = config.Validated();
        Initializer normal = Initializer.Normal(0.02f, new RandomStream(seed, stream: Gpt2.InitializationStream));
        _maskEmb = Param("transformer.mask_emb", [1, 1, config.DModel], normal);
        _bias = Param("lm_loss.bias", [config.VocabSize], Initializer.Zeros);
        _wordEmbedding = Add("transformer.word_embedding", new Embedding(device, config.VocabSize, config.DModel, normal));
        _layers = [.. Enumerable.Range(0, config.NLayer).Select(i => Add($"transformer.layer.{i}", new Layer(device, config, normal)))];
    }

    /// <summary>The model's shape.</summary>
    public XLNetConfig Config { get; }

    /// <summary>Reads tokens without predicting any: what each layer reads, to stand before the tokens that follow. Carries no gradient.</summary>
    /// <param name="inputIds">Tokens (B, T).</param>
    /// <param name="read">Room for what each of the L layers reads, (B, T, C).</param>
    /// <param name="contentMask">As for <see cref="Streams"/>; undefined if all see all.</param>
    /// <param name="memory">What stood before them, if anything.</param>
    public void Memorize(Tensor inputIds, Span<Tensor> read, Tensor contentMask = default, IReadOnlyList<Tensor>? memory = null)
    {
        Tensor h = _wordEmbedding.Forward(inputIds);
        Tensor positions = Positions(h, memory);
        for (int i = 0; i < _layers.Length; i++)
        {
            Tensor keys = Keys(h, memory, i);
            read[i] = h.Detach();
            h = _layers[i].Forward(h, keys, positions, contentMask);
        }
    }

    /// <summary>Both streams of a text.</summary>
    /// <param name="inputIds">Tokens (B, T).</param>
    /// <param name="queryMask">Added to the query stream's scores (B, 1, T, M + T): 0 where i sees j, very negative where not.</param>
    /// <param name="contentMask">Likewise for the content stream; undefined if all see all.</param>
    /// <param name="memory">For each layer (B, M, C), what stood before: seen by all, without a gradient.</param>
    /// <returns>The last layer's g and h (B, T, C).</returns>
    public (Tensor Query, Tensor Content) Streams(Tensor inputIds, Tensor queryMask, Tensor contentMask = default, IReadOnlyList<Tensor>? memory = null)
    {
        StepScope step = inputIds.Scope ?? throw new EngineException("XLNet: input_ids must belong to a StepScope; make them with StepScope.From.");
        Tensor h = _wordEmbedding.Forward(inputIds).Dropout(Config.Dropout);
        Tensor g = step.Use(_maskEmb).Expand(h.Shape).Dropout(Config.Dropout);
        Tensor positions = Positions(h, memory);
        for (int i = 0; i < _layers.Length; i++)
        {
            Tensor keys = Keys(h, memory, i);
            g = _layers[i].Forward(g, keys, positions, queryMask);                   // (B, T, C)
            h = _layers[i].Forward(h, keys, positions, contentMask);
        }

        return (g.Dropout(Config.Dropout), h.Dropout(Config.Dropout));
    }

    /// <summary>Scores (N, V) of the tokens at N places of a query stream (B, T, C), numbered b·T + t.</summary>
    public Tensor Logits(Tensor query, Tensor places) =>
        query.Reshape(-1, Config.DModel).IndexSelect(0, places).Linear(_wordEmbedding.Weight, _bias);

    private static Tensor Keys(Tensor h, IReadOnlyList<Tensor>? memory, int layer) => memory is null ? h : Tensor.Cat(1, memory[layer], h);

    // Row p stands for query − key = M + T − p: sines, then cosines (M + 2T, C). A window of a table of all distances met so far.
    private Tensor Positions(Tensor h, IReadOnlyList<Tensor>? memory)
    {
        int T = h.Shape[1];
        int K = T + (memory?[0].Shape[1] ?? 0);
        int C = Config.DModel;
        if (K > _reach)
        {
            _reach = K;
            _positions = new float[2 * K * C];
            for (int i = 0; i < _positions.Length; i++)
            {
                (int p, int c) = Math.DivRem(i, C);
                double angle = (K - p) / Math.Pow(10000, 2.0 * (c % (C / 2)) / C);
                _positions[i] = (float)(c < C / 2 ? Math.Sin(angle) : Math.Cos(angle));
            }
        }

        return h.Scope!.From<float>(_positions.AsSpan((_reach - K) * C, (K + T) * C), [K + T, C]).To(h.DType);
    }

    /// <summary>norm(x + attention(x, keys)), then norm(x + feed-forward(x)), for either stream.</summary>
    private sealed class Layer : Module
    {
        private readonly XLNetConfig _config;
        private readonly Parameter _q;
        private readonly Parameter _k;
        private readonly Parameter _v;
        private readonly Parameter _o;
        private readonly Parameter _r;
        private readonly Parameter _rRBias;
        private readonly Parameter _rWBias;
        private readonly LayerNorm _attentionNorm;
        private readonly Linear _layer1;
        private readonly Linear _layer2;
        private readonly LayerNorm _norm;

        public Layer(Device device, XLNetConfig config, Initializer normal)
            : base(device)
        {
            _config = config;
            (int C, int H, int D) = (config.DModel, config.NHead, config.DModel / config.NHead);
            Parameter Matrix(string name) => Param($"rel_attn.{name}", [C, H, D], normal);
            (_q, _k, _v, _o, _r) = (Matrix("q"), Matrix("k"), Matrix("v"), Matrix("o"), Matrix("r"));
            _rRBias = Param("rel_attn.r_r_bias", [H, D], normal);
            _rWBias = Param("rel_attn.r_w_bias", [H, D], normal);
            _attentionNorm = Add("rel_attn.layer_norm", new LayerNorm(device, C, config.LayerNormEps));
            _layer1 = Add("ff.layer_1", new Linear(device, C, config.DInner, normal, Activation.Gelu));
            _layer2 = Add("ff.layer_2", new Linear(device, config.DInner, C, normal));
            _norm = Add("ff.layer_norm", new LayerNorm(device, C, config.LayerNormEps));
        }

        public Tensor Forward(Tensor x, Tensor keys, Tensor positions, Tensor mask)
        {
            x = _attentionNorm.Forward(x + Attention(x, keys, positions, mask).Dropout(_config.Dropout));
            Tensor m = _layer2.Forward(_layer1.Forward(x).Dropout(_config.Dropout));  // (B, T, F) → (B, T, C)
            return _norm.Forward(x + m.Dropout(_config.Dropout));
        }

        // score(i, j) = (q_i + r_w_bias)·k_j + (q_i + r_r_bias)·r_{i−j}, over √D (Transformer-XL, section 3.3).
        private Tensor Attention(Tensor x, Tensor keys, Tensor positions, Tensor mask)
        {
            StepScope step = x.Scope!;
            (int B, int T, int C) = (x.Shape[0], x.Shape[1], x.Shape[2]);
            Tensor Project(Tensor input, Parameter weight) => input.Conv1D(step.Use(weight).Reshape(C, -1));
            Tensor Heads(Tensor y) => y.Reshape(y.Shape[0], -1, _config.NHead, C / _config.NHead).Transpose(1, 2);   // (B, H, T, D)
            Tensor q = Project(x, _q);
            Tensor k = Heads(Project(keys, _k));
            Tensor v = Heads(Project(keys, _v));
            Tensor r = Heads(Project(positions.Unsqueeze(0), _r));                   // (1, H, R, D)
            Tensor content = Heads(q + step.Use(_rWBias).Reshape(-1)).MatMul(k.Transpose(2, 3));
            Tensor place = Heads(q + step.Use(_rRBias).Reshape(-1)).MatMul(r.Transpose(2, 3));
            Tensor scores = (content + Shifted(place, keys.Shape[1])) * (1f / MathF.Sqrt(C / _config.NHead));
            Tensor p = (mask.IsDefined ? scores + mask : scores).Softmax(-1);        // (B, H, T, K)
            Tensor y = p.MatMul(v).Transpose(1, 2).Reshape(B, T, C);
            return y.Linear(step.Use(_o).Reshape(C, -1));
        }

        // (B, H, T, R) by distance → (B, H, T, K) by key: key j of query i stands in column T − i + j. Read as (R, T), the rows of T lose
        // their first and become rows of R − 1, each of which begins one column earlier than the one before (Transformer-XL, appendix B).
        private static Tensor Shifted(Tensor x, int K)
        {
            (int B, int H, int T, int R) = (x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]);
            return x.Reshape(B, H, R, T).Slice(2, 1, R).Reshape(B, H, T, R - 1).Slice(3, 0, K);
        }
    }
}
