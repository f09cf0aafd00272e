using Engine.Nn;

namespace Engine.Pretraining.Models;

/// <summary>Which heads a BERT is trained with.</summary>
[Flags]
public enum BertHeads
{
    /// <summary>Masked tokens only.</summary>
    Tokens = 0,

    /// <summary>The pooled first token says whether the second segment follows the first.</summary>
    Pairs = 1,

    /// <summary>SpanBERT's prediction of a span from its borders.</summary>
    Spans = 2,
}

/// <summary>
/// BERT (Devlin et al., "BERT: pre-training of deep bidirectional transformers for language understanding", 2019): word, position and
/// segment embeddings, L post-norm layers that see both sides, a head for masked tokens tied to the word embeddings, and a pooled first
/// token for pairs of segments. With <see cref="BertHeads.Spans"/> it is SpanBERT (Joshi et al. 2020). Weights are drawn from
/// N(0, 0.02); parameter names are Hugging Face's (<c>BertForPreTraining</c>).
/// </summary>
public sealed class Bert : EncoderModel
{
    private readonly EncoderEmbeddings _embeddings;
    private readonly EncoderStack _encoder;
    private readonly MaskedTokenHead _predictions;
    private readonly Linear? _pooler;
    private readonly Linear? _seqRelationship;
    private readonly SpanBoundaryHead? _spans;

    /// <summary>A freshly initialised model.</summary>
    /// <param name="device">Where it lives.</param>
    /// <param name="config">Its shape.</param>
    /// <param name="seed">Of the initial weights.</param>
    /// <param name="heads">What it predicts besides masked tokens.</param>
    /// <exception cref="EngineException">The configuration is not valid.</exception>
    public Bert(Device device, EncoderConfig config, ulong seed = 0, BertHeads heads = BertHeads.Pairs)
        : base(device)
    {
        Config = config.Validated("BERT");
        Initializer normal = Initializer.Normal(0.02f, new RandomStream(seed, Gpt2.InitializationStream));
        int C = config.HiddenSize;
        _embeddings = Add("bert.embeddings", new EncoderEmbeddings(device, "BERT", config, normal));
        _encoder = Add("bert.encoder", new EncoderStack(device, config, normal));
        _predictions = Add("cls.predictions", new MaskedTokenHead(device, config, normal, "transform.dense", "transform.LayerNorm"));
        if (heads.HasFlag(BertHeads.Pairs))
        {
            _pooler = Add("bert.pooler.dense", new Linear(device, C, C, normal));
            _seqRelationship = Add("cls.seq_relationship", new Linear(device, C, 2, normal));
        }

        if (heads.HasFlag(BertHeads.Spans))
        {
            _spans = Add("cls.pair_target_predictions", new SpanBoundaryHead(device, config, normal));
        }
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
    public override Tensor TokenLogits(Tensor hidden) => _predictions.Forward(hidden, _embeddings.Words);

    /// <inheritdoc/>
    public override bool HasPooler => _pooler is not null;

    /// <inheritdoc/>
    public override Tensor Pooled(Tensor hidden, Tensor firstRows = default) =>
        _pooler is { } dense ? Pool(dense, hidden, firstRows) : base.Pooled(hidden, firstRows);

    /// <inheritdoc/>
    public override Tensor PairLogits(Tensor hidden, Tensor firstRows = default) =>
        _seqRelationship is { } score ? score.Forward(Pooled(hidden, firstRows)) : base.PairLogits(hidden, firstRows);

    /// <summary>
    /// Scores of the tokens of spans from the states at their borders, which are not hidden themselves (Joshi et al. 2020, equation 2).
    /// </summary>
    /// <param name="hidden">(B, T, C).</param>
    /// <param name="left">For each of N tokens the row b·T + t before its span, int32.</param>
    /// <param name="right">The row after it.</param>
    /// <param name="places">The token's place in its span, 0 to <see cref="SpanBoundaryHead.MaxSpan"/> − 1.</param>
    /// <returns>(N, V).</returns>
    /// <exception cref="EngineException">The model was made without <see cref="BertHeads.Spans"/>.</exception>
    public Tensor SpanLogits(Tensor hidden, Tensor left, Tensor right, Tensor places) => _spans is { } head
        ? head.Forward(Rows(hidden, left), Rows(hidden, right), places, _embeddings.Words)
        : throw new EngineException("BERT: has no head for spans; make it with BertHeads.Spans (model = spanbert).");
}
