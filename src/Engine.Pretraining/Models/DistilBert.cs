using Engine.Nn;

namespace Engine.Pretraining.Models;

/// <summary>
/// DistilBERT (Sanh et al., "DistilBERT, a distilled version of BERT: smaller, faster, cheaper and lighter", 2019): BERT without segments and
/// without a pooled first token, with half the layers. Weights are drawn from N(0, 0.02); parameter names are Hugging Face's
/// (<c>DistilBertForMaskedLM</c>).
/// </summary>
public sealed class DistilBert : EncoderModel
{
    private readonly EncoderEmbeddings _embeddings;
    private readonly EncoderStack _transformer;
    private readonly MaskedTokenHead _head;

    /// <summary>A freshly initialised model.</summary>
    /// <param name="device">Where it lives.</param>
    /// <param name="config">Its shape; type_vocab_size is not read.</param>
    /// <param name="seed">Of the initial weights.</param>
    /// <exception cref="EngineException">The configuration is not valid.</exception>
    public DistilBert(Device device, EncoderConfig config, ulong seed = 0)
        : base(device)
    {
        Config = (config with { TypeVocabSize = 0 }).Validated("DistilBERT");
        Initializer normal = Initializer.Normal(0.02f, new RandomStream(seed, Gpt2.InitializationStream));
        _embeddings = Add("distilbert.embeddings", new EncoderEmbeddings(device, "DistilBERT", Config, normal));
        _transformer = Add("distilbert.transformer", new EncoderStack(device, Config, normal, EncoderLayerNames.DistilBert));
        _head = Add(string.Empty, new MaskedTokenHead(device, Config, normal, "vocab_transform", "vocab_layer_norm", "vocab_projector.bias"));
    }

    /// <inheritdoc/>
    public override EncoderConfig Config { get; }

    /// <inheritdoc/>
    public override int MaxLength => _embeddings.MaxLength;

    /// <inheritdoc/>
    public override int VocabSize => Config.VocabSize;

    /// <inheritdoc/>
    public override Tensor Hidden(in EncoderInput input) => _transformer.Forward(_embeddings.Forward(input), input.Attention);

    /// <inheritdoc/>
    public override Tensor TokenLogits(Tensor hidden) => _head.Forward(hidden, _embeddings.Words);
}
