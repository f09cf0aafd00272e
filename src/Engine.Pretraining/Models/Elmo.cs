using Engine.Nn;

namespace Engine.Pretraining.Models;

/// <summary>
/// ELMo (Peters et al., "Deep contextualized word representations", 2018): words from their characters by convolutions and highway
/// layers, then L layers of projected LSTMs for each direction, from the second on with a skip connection. Both directions are language models with one output
/// layer; what others use is a mix of all layers. Weights are drawn uniformly from ±1/√inputs.
/// </summary>
public sealed class Elmo : Module
{
    private readonly Parameter _chars;
    private readonly (Parameter Weight, Parameter Bias)[] _convolutions;
    private readonly Linear[] _highways;
    private readonly Linear _projection;
    private readonly Lstm[] _forward;
    private readonly Lstm[] _backward;
    private readonly Linear _softmax;
    private readonly ScalarMix _mix;
    private readonly int _widest;

    // Lists of a step's tensors, kept so that a step allocates none.
    private readonly Tensor[][] _places;
    private readonly Tensor[] _maxima;
    private readonly (Tensor[] Forward, Tensor[] Backward) _layers;
    private readonly Tensor[] _joined;

    /// <summary>A freshly initialised model.</summary>
    /// <param name="device">Where it lives.</param>
    /// <param name="config">Its shape.</param>
    /// <param name="seed">Of the initial weights.</param>
    /// <exception cref="EngineException">The configuration is not valid.</exception>
    public Elmo(Device device, ElmoConfig config, ulong seed = 0)
        : base(device)
    {
        Config = config.Validated();
        RandomStream random = new(seed, stream: Gpt2.InitializationStream);
        (int D, int P, int n) = (config.CharDim, config.Projection, config.Filters.Sum());
        _chars = Param("char.embed.weight", [config.CharVocabSize, D], Initializer.Normal(1f, random));
        _convolutions = [.. config.Widths.Zip(config.Filters, (w, f) =>
            (Param($"char.conv{w}.weight", [f, D, w], Uniform(D * w, random)), Param($"char.conv{w}.bias", [f], Initializer.Zeros)))];
        _highways = [.. Enumerable.Range(0, config.Highways).Select(i =>
            Add(i == 0 ? "highway" : $"highway{i + 1}", new Linear(device, n, 2 * n, Uniform(n, random))))];
        _projection = Add("char.proj", new Linear(device, n, P, Uniform(n, random)));
        Lstm[] Direction(string name) =>
            [.. Enumerable.Range(0, config.Layers).Select(i => Add($"{name}.{i}", new Lstm(device, P, config.Hidden, P, Uniform(P, random))))];
        _forward = Direction("fwd");
        _backward = Direction("bwd");
        _softmax = Add("softmax", new Linear(device, P, config.VocabSize, Uniform(P, random)));
        _mix = Add("mix", new ScalarMix(device, config.Layers + 1));
        _widest = config.Widths.Max();
        _places = [.. config.Widths.Select(w => new Tensor[w])];
        _maxima = new Tensor[config.Widths.Count];
        _layers = (new Tensor[config.Layers + 1], new Tensor[config.Layers + 1]);
        _joined = new Tensor[config.Layers + 1];
    }

    /// <summary>The model's shape.</summary>
    public ElmoConfig Config { get; }

    /// <summary>Vectors of words without context: chars (B, T, W) int32 → (B, T, P).</summary>
    /// <exception cref="EngineException">Words have fewer characters than the widest convolution.</exception>
    public Tensor Words(Tensor chars)
    {
        (int B, int T, int W) = (chars.Shape[0], chars.Shape[1], chars.Shape[2]);
        if (W < _widest)
        {
            throw new EngineException($"ELMo: chars {chars.Shape} have {W} places a word, fewer than the widest convolution, {_widest}.");
        }

        StepScope step = chars.Scope ?? throw new EngineException("ELMo: chars must belong to a StepScope; make them with StepScope.From.");
        Tensor x = _chars.Value.Embedding(chars.Reshape(B * T, W));                           // (B·T, W, D)
        for (int i = 0; i < _maxima.Length; i++)
        {
            (Parameter weight, Parameter bias) = _convolutions[i];
            (int f, int w) = (Config.Filters[i], Config.Widths[i]);
            for (int k = 0; k < w; k++)
            {
                _places[i][k] = x.Slice(1, k, W - w + 1 + k);                                 // (B·T, W − w + 1, D)
            }

            Tensor flat = step.Use(weight).Permute(0, 2, 1).Reshape(f, w * Config.CharDim);   // (F, w·D)
            _maxima[i] = Tensor.Cat(-1, _places[i]).Linear(flat, bias).Max(1).Tanh();         // (B·T, W − w + 1, F) → (B·T, F)
        }

        Tensor e = Tensor.Cat(-1, _maxima);                                                   // (B·T, n)
        int n = e.Shape[1];
        foreach (Linear highway in _highways)
        {
            Tensor both = highway.Forward(e);                                                 // (B·T, 2n)
            Tensor candidate = both.Slice(1, 0, n).Relu();
            e = candidate + (both.Slice(1, n, 2 * n).Sigmoid() * (e - candidate));
        }

        return _projection.Forward(e).Reshape(B, T, Config.Projection);
    }

    /// <summary>
    /// The layers of both directions, words first: (B, T, P) each, zero behind a sentence's end. The lists are used again by the
    /// next call.
    /// </summary>
    /// <param name="chars">(B, T, W) int32.</param>
    /// <param name="lengths">Words of each sentence, (B) int32; undefined if all have T.</param>
    public (Tensor[] Forward, Tensor[] Backward) Layers(Tensor chars, Tensor lengths = default)
    {
        Tensor words = Words(chars);
        Run(_forward, words, new(Lengths: lengths, BatchFirst: true), _layers.Forward);
        Run(_backward, words, new(Lengths: lengths, Reverse: true, BatchFirst: true), _layers.Backward);
        return _layers;
    }

    /// <summary>Both directions of each layer side by side: L + 1 tensors (B, T, 2P) into <paramref name="both"/>.</summary>
    public static void Join((Tensor[] Forward, Tensor[] Backward) layers, Span<Tensor> both)
    {
        for (int j = 0; j < both.Length; j++)
        {
            both[j] = Tensor.Cat(-1, layers.Forward[j], layers.Backward[j]);
        }
    }

    /// <summary>The representation for other tasks: γ·Σ softmax(s)_j·[forward_j; backward_j] over the L + 1 layers, (B, T, 2P).</summary>
    public Tensor Mix((Tensor[] Forward, Tensor[] Backward) layers)
    {
        Join(layers, _joined);
        return _mix.Forward(_joined);
    }

    /// <summary>
    /// The mean cross-entropies of both language models: the forward one says the next word, the backward one the word before.
    /// next, previous (B, T) int32, −100 where there is none.
    /// </summary>
    public (Tensor Forward, Tensor Backward) Losses((Tensor[] Forward, Tensor[] Backward) layers, Tensor next, Tensor previous) =>
        (Predict(layers.Forward[^1]).CrossEntropy(next), Predict(layers.Backward[^1]).CrossEntropy(previous));

    /// <summary>What pre-training minimises: half the sum of the two losses.</summary>
    public Tensor Loss(Tensor chars, Tensor lengths, Tensor next, Tensor previous)
    {
        (Tensor forward, Tensor backward) = Losses(Layers(chars, lengths), next, previous);
        return (forward + backward) * 0.5f;
    }

    private static Initializer Uniform(int inputs, RandomStream random) => Initializer.Uniform(1f / MathF.Sqrt(inputs), random);

    private Tensor Predict(Tensor top) => _softmax.Forward(top.Dropout(Config.Dropout));

    private void Run(Lstm[] direction, Tensor words, in LstmOptions options, Tensor[] layers)
    {
        layers[0] = words;
        for (int i = 0; i < direction.Length; i++)
        {
            Tensor y = direction[i].Forward(layers[i].Dropout(Config.Dropout), options);       // (B, T, P)
            layers[i + 1] = i == 0 ? y : y + layers[i];
        }
    }
}
