using Engine.Nn;

namespace Engine.Pretraining.Models;

/// <summary>
/// ALBERT (Lan et al., "ALBERT: a lite BERT for self-supervised learning of language representations", 2020): embeddings of width E
/// (128) mapped to C, one layer that is applied L times, and a pooled first token that says whether two segments are in order. Weights are
/// drawn from N(0, 0.02); parameter names are Hugging Face's (<c>AlbertForPreTraining</c>).
/// </summary>
public sealed class Albert : EncoderModel
{
    private readonly EncoderEmbeddings _embeddings;
    private readonly Linear _mapping;
    private readonly EncoderLayer _layer;
    private readonly MaskedTokenHead _predictions;
    private readonly Linear? _pooler;
    private readonly Linear? _order;

    /// <summary>A freshly initialised model.</summary>
    /// <param name="device">Where it lives.</param>
    /// <param name="config">Its shape.</param>
    /// <param name="seed">Of the initial weights.</param>
    /// <param name="pairs">Whether it has a pooled first token that says if two segments are in order.</param>
    /// <exception cref="EngineException">The configuration is not valid.</exception>
    public Albert(Device device, EncoderConfig config, ulong seed = 0, bool pairs = true)
        : base(device)
    {
        Config = config.Validated("ALBERT");
        Initializer normal = Initializer.Normal(0.02f, new RandomStream(seed, Gpt2.InitializationStream));
        int C = config.HiddenSize;
        _embeddings = Add("albert.embeddings", new EncoderEmbeddings(device, "ALBERT", config, normal));
        _mapping = Add("albert.encoder.embedding_hidden_mapping_in", new Linear(device, config.EmbeddingSize, C, normal));
        _layer = Add("albert.encoder.albert_layer_groups.0.albert_layers.0", new EncoderLayer(device, config, EncoderLayerNames.Albert, normal));
        _predictions = Add("predictions", new MaskedTokenHead(device, config, normal));
        if (pairs)
        {
            _pooler = Add("albert.pooler", new Linear(device, C, C, normal));
            _order = Add("sop_classifier.classifier", new Linear(device, C, 2, normal));
        }
    }

    /// <inheritdoc/>
    public override EncoderConfig Config { get; }

    /// <inheritdoc/>
    public override int MaxLength => _embeddings.MaxLength;

    /// <inheritdoc/>
    public override int VocabSize => Config.VocabSize;

    /// <inheritdoc/>
    public override Tensor Hidden(in EncoderInput input)
    {
        Tensor x = _mapping.Forward(_embeddings.Forward(input));   // (B, T, E) → (B, T, C)
        for (int layer = 0; layer < Config.NumHiddenLayers; layer++)
        {
            x = _layer.Forward(x, input.Attention);            // (B, T, C)
        }

        return x;
    }

    /// <inheritdoc/>
    public override Tensor TokenLogits(Tensor hidden) => _predictions.Forward(hidden, _embeddings.Words);

    /// <inheritdoc/>
    public override bool HasPooler => _pooler is not null;

    /// <inheritdoc/>
    public override Tensor Pooled(Tensor hidden, Tensor firstRows = default) =>
        _pooler is { } dense ? Pool(dense, hidden, firstRows) : base.Pooled(hidden, firstRows);

    /// <inheritdoc/>
    public override Tensor PairLogits(Tensor hidden, Tensor firstRows = default) =>
        _order is { } score ? score.Forward(Pooled(hidden, firstRows)) : base.PairLogits(hidden, firstRows);
}
