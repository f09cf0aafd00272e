using Engine.Nn;

namespace Engine.Pretraining.Models;

/// <summary>
/// RoBERTa (Liu et al., "RoBERTa: a robustly optimized BERT pretraining approach", 2019): BERT's encoder with one kind of segment and no
/// head for pairs. Positions begin at row 2 of their table, as in fairseq, where rows 0 and 1 belong to no token. Weights are drawn from
/// N(0, 0.02); parameter names are Hugging Face's (<c>RobertaForMaskedLM</c>).
/// </summary>
public sealed class Roberta : EncoderModel
{
    /// <summary>The row of the first position: fairseq counts from the padding index, 1, on.</summary>
    internal const int FirstPosition = 2;

    private readonly EncoderEmbeddings _embeddings;
    private readonly EncoderStack _encoder;
    private readonly MaskedTokenHead _head;

    /// <summary>A freshly initialised model.</summary>
    /// <param name="device">Where it lives.</param>
    /// <param name="config">Its shape; max_position_embeddings counts the two rows that no token has.</param>
    /// <param name="seed">Of the initial weights.</param>
    /// <exception cref="EngineException">The configuration is not valid.</exception>
    public Roberta(Device device, EncoderConfig config, ulong seed = 0)
        : base(device)
    {
        Config = config.Validated("RoBERTa");
        Initializer normal = Initializer.Normal(0.02f, new RandomStream(seed, Gpt2.InitializationStream));
        _embeddings = Add("roberta.embeddings", new EncoderEmbeddings(device, "RoBERTa", config, normal, FirstPosition));
        _encoder = Add("roberta.encoder", new EncoderStack(device, config, normal));
        _head = Add("lm_head", new MaskedTokenHead(device, config, normal, norm: "layer_norm"));
    }

    /// <inheritdoc/>
    public override EncoderConfig Config { get; }

    /// <inheritdoc/>
    public override int MaxLength => _embeddings.MaxLength;

    /// <inheritdoc/>
    public override int VocabSize => Config.VocabSize;

    /// <inheritdoc/>
    public override Tensor Hidden(in EncoderInput input) => _encoder.Forward(_embeddings.Forward(input), input.Attention);

    /// <inheritdoc/>
    public override Tensor TokenLogits(Tensor hidden) => _head.Forward(hidden, _embeddings.Words);
}
