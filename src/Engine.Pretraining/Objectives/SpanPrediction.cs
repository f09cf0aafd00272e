using Engine.Pretraining.Data;
using Engine.Pretraining.Models;
using Engine.Pretraining.Objectives.Masking;
using Engine.Pretraining.Training;

namespace Engine.Pretraining.Objectives;

/// <summary>
/// SpanBERT: whole spans are hidden, and each of their tokens is predicted twice, from its own state (MLM) and from the states at the
/// borders of its span (SBO); the losses are added. Sequences are single segments of one document.
/// </summary>
public sealed class SpanPrediction : EncoderObjective
{
    /// <summary>The row of the catalog.</summary>
    internal static readonly ObjectiveEntry Entry = new(
        "spanbert", "masked spans with a span boundary objective", "Joshi et al., SpanBERT: improving pre-training by representing and predicting spans, 2020",
        "−mean over hidden t in span s…e of log p(x_t | h_t) + log p(x_t | h_{s−1}, h_{e+1}, t − s)", ["spanbert"], "spanbert-tiny", Create);

    private readonly Bert _model;
    private TokenScores _tokenScores;
    private TokenScores _spanScores;

    /// <summary>An objective over sequences with masked spans.</summary>
    /// <param name="model">The model to train, with <see cref="BertHeads.Spans"/>.</param>
    /// <param name="batches">Its batches.</param>
    public SpanPrediction(Bert model, EncoderBatches batches)
        : base(batches) => _model = model;

    /// <inheritdoc/>
    public override IReadOnlyList<EvaluationFigure> TakeFigures()
    {
        EvaluationFigure[] figures =
        [
            new("mlm_accuracy", _tokenScores.Accuracy), new("mlm_loss", _tokenScores.Loss),
            new("sbo_accuracy", _spanScores.Accuracy), new("sbo_loss", _spanScores.Loss),
        ];
        (_tokenScores, _spanScores) = (default, default);
        return figures;
    }

    private static PretrainTask Create(TaskContext context)
    {
        EncoderData data = EncoderData.Open(
            context,
            (documents, config, special) => new FullSentences(
                documents, config.BlockSize, special.Cls, special.Sep, across: false, least: SpanLaw.SpanBert.Longest),
            options => options with { Spans = SpanLaw.SpanBert, WholeSpans = true });
        Bert model = (Bert)data.CreateModel();
        return data.Task(model, new SpanPrediction(model, data.Batches));
    }

    private protected override Tensor BatchLoss(StepScope step, bool evaluate)
    {
        Tensor labels = Batches.MaskedLabels(step);
        Tensor hidden = _model.Hidden(Batches.Input(step));                                               // (B, T, C), packed: (1, N, C)
        Tensor own = _model.TokenLogits(EncoderModel.Rows(hidden, Batches.MaskedRows(step)));             // (places, V)
        Tensor ownLoss = own.CrossEntropy(labels);
        Tensor border = _model.SpanLogits(hidden, Batches.LeftRows(step), Batches.RightRows(step), Batches.SpanPlaces(step));
        Tensor borderLoss = border.CrossEntropy(labels);
        if (evaluate)
        {
            _tokenScores.Add(own, Batches.Labels, ownLoss);
            _spanScores.Add(border, Batches.Labels, borderLoss);
        }

        return ownLoss + borderLoss;
    }
}
