using Engine.Nn;

namespace Engine.Pretraining.Models;

/// <summary>
/// ELECTRA (Clark et al., "ELECTRA: pre-training text encoders as discriminators rather than generators", 2020): a small generator that
/// fills in hidden tokens, and the encoder that is wanted, which tells its tokens from the real ones. Only the embeddings (word, position,
/// segment and their norm, as in the authors' code) are shared; each side maps them to its own width. Weights are drawn from N(0, 0.02).
/// The names behind the prefixes <c>generator.</c> and <c>discriminator.</c> are Hugging Face's (<c>ElectraForMaskedLM</c>,
/// <c>ElectraForPreTraining</c>); the shared tables stand under the second.
/// </summary>
public sealed class Electra : Module
{
    private readonly EncoderEmbeddings _embeddings;
    private readonly Linear? _projection;
    private readonly EncoderStack _encoder;
    private readonly Linear _dense;
    private readonly Linear _decision;
    private readonly Linear? _generatorProjection;
    private readonly EncoderStack _generator;
    private readonly MaskedTokenHead _predictions;

    /// <summary>A freshly initialised model.</summary>
    /// <param name="device">Where it lives.</param>
    /// <param name="config">The discriminator's shape.</param>
    /// <param name="generatorSize">The generator's width as a share of the discriminator's; a quarter in the paper for small and large.</param>
    /// <param name="seed">Of the initial weights.</param>
    /// <exception cref="EngineException">The configuration is not valid.</exception>
    public Electra(Device device, EncoderConfig config, double generatorSize = 0.25, ulong seed = 0)
        : base(device)
    {
        Config = config.Validated("ELECTRA");
        Generator = GeneratorOf(config, generatorSize).Validated("ELECTRA's generator");
        Initializer normal = Initializer.Normal(0.02f, new RandomStream(seed, Gpt2.InitializationStream));
        int C = config.HiddenSize;
        _embeddings = Add("discriminator.electra.embeddings", new EncoderEmbeddings(device, "ELECTRA", config, normal));
        _projection = Projection("discriminator", config, normal);
        _encoder = Add("discriminator.electra.encoder", new EncoderStack(device, config, normal));
        _dense = Add("discriminator.discriminator_predictions.dense", new Linear(device, C, C, normal, config.Activation));
        _decision = Add("discriminator.discriminator_predictions.dense_prediction", new Linear(device, C, 1, normal));
        _generatorProjection = Projection("generator", Generator, normal);
        _generator = Add("generator.electra.encoder", new EncoderStack(device, Generator, normal));
        _predictions = Add("generator", new MaskedTokenHead(
            device, Generator, normal, "generator_predictions.dense", "generator_predictions.LayerNorm", "generator_lm_head.bias"));
    }

    /// <summary>The discriminator's shape.</summary>
    public EncoderConfig Config { get; }

    /// <summary>The generator's shape.</summary>
    public EncoderConfig Generator { get; }

    /// <summary>The longest sequence, special tokens included.</summary>
    public int MaxLength => _embeddings.MaxLength;

    /// <summary>Scores of the tokens at the hidden places: rows (N) int32 = b·T + t → (N, V).</summary>
    /// <param name="masked">The sequences with their tokens hidden.</param>
    /// <param name="rows">The places.</param>
    public Tensor TokenLogits(in EncoderInput masked, Tensor rows)
    {
        Tensor hidden = _generator.Forward(Embed(masked, _generatorProjection), masked.Attention);
        return _predictions.Forward(EncoderModel.Rows(hidden, rows), _embeddings.Words);
    }

    /// <summary>The discriminator's hidden states (B, T, C), which are what is kept after training.</summary>
    public Tensor Hidden(in EncoderInput input) => _encoder.Forward(Embed(input, _projection), input.Attention);

    /// <summary>For each state a score, above 0 for a token that was put in: (…, C) → (…).</summary>
    public Tensor ReplacedLogits(Tensor hidden) => _decision.Forward(_dense.Forward(hidden)).Squeeze(-1);

    // Width, heads and feed-forward as in google-research/electra, run_pretraining.py: heads of 64 columns, at least one; as many layers.
    private static EncoderConfig GeneratorOf(EncoderConfig config, double size)
    {
        int C = (int)Math.Round(config.HiddenSize * size);
        return config with { HiddenSize = C, IntermediateSize = 4 * C, NumAttentionHeads = Math.Max(1, C / 64) };
    }

    private Linear? Projection(string side, EncoderConfig config, Initializer normal) => config.EmbeddingSize == config.HiddenSize
        ? null
        : Add($"{side}.electra.embeddings_project", new Linear(Device, config.EmbeddingSize, config.HiddenSize, normal));

    private Tensor Embed(in EncoderInput input, Linear? projection)
    {
        Tensor x = _embeddings.Forward(input);
        return projection is null ? x : projection.Forward(x);
    }
}
