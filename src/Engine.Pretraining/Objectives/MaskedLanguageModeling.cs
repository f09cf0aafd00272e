using Engine.Pretraining.Data;
using Engine.Pretraining.Models;
using Engine.Pretraining.Training;

namespace Engine.Pretraining.Objectives;

/// <summary>
/// Predict hidden tokens from both sides: mean cross-entropy over the masked places, whose scores are the only ones that are computed.
/// For pairs of segments the loss of telling whether they belong together, or stand in order, is added.
/// </summary>
public sealed class MaskedLanguageModeling : EncoderObjective
{
    /// <summary>RoBERTa's form.</summary>
    internal static readonly ObjectiveEntry Entry = new(
        "mlm", "masked language modelling on full sentences", "Liu et al., RoBERTa: a robustly optimized BERT pretraining approach, 2019",
        "−mean over hidden t of log p(x_t | x with 15 % hidden)", ["roberta", "bert", "albert"], "roberta-tiny", context => Create(context, null));

    /// <summary>BERT's form.</summary>
    internal static readonly ObjectiveEntry NextSentence = new(
        "mlm-nsp", "masked language modelling and next sentence prediction", "Devlin et al., BERT: pre-training of deep bidirectional transformers, 2019",
        "−mean over hidden t of log p(x_t | A, B) − log p(B follows A | A, B)", ["bert"], "bert-tiny", context => Create(context, PairKind.NextSentence));

    /// <summary>ALBERT's form.</summary>
    internal static readonly ObjectiveEntry SentenceOrder = new(
        "mlm-sop", "masked language modelling and sentence order prediction", "Lan et al., ALBERT: a lite BERT for self-supervised learning, 2020",
        "−mean over hidden t of log p(x_t | A, B) − log p(A before B | A, B)", ["albert", "bert"], "albert-tiny", context => Create(context, PairKind.SentenceOrder));

    private readonly EncoderModel _model;
    private readonly PairKind? _pairs;
    private readonly int _frequent;
    private TokenScores _tokenScores;
    private TokenScores _pairScores;
    private TokenScores _unigramScores;

    /// <summary>An objective over masked sequences.</summary>
    /// <param name="model">The model to train.</param>
    /// <param name="batches">Its batches.</param>
    /// <param name="pairs">What the sequences' pair labels mean; null if they are no pairs.</param>
    /// <param name="frequent">The most frequent token, whose share among the hidden is reported for comparison.</param>
    public MaskedLanguageModeling(EncoderModel model, EncoderBatches batches, PairKind? pairs, int frequent)
        : base(batches) => (_model, _pairs, _frequent) = (model, pairs, frequent);

    /// <inheritdoc/>
    public override IReadOnlyList<EvaluationFigure> TakeFigures()
    {
        List<EvaluationFigure> figures = [new("mlm_accuracy", _tokenScores.Accuracy), new("unigram_accuracy", _unigramScores.Accuracy)];
        if (_pairs is { } kind)
        {
            figures.Add(new EvaluationFigure(kind == PairKind.NextSentence ? "nsp_accuracy" : "sop_accuracy", _pairScores.Accuracy));
            figures.Add(new EvaluationFigure("mlm_loss", _tokenScores.Loss));
        }

        (_tokenScores, _pairScores, _unigramScores) = (default, default, default);
        return figures;
    }

    private static PretrainTask Create(TaskContext context, PairKind? pairs)
    {
        EncoderData data = EncoderData.Open(context, (documents, config, special) => pairs is { } kind
            ? new SentencePairs(documents, kind, config.BlockSize, special.Cls, special.Sep, config.ShortSeqProb)
            : new FullSentences(documents, config.BlockSize, special.Cls, special.Sep));
        EncoderModel model = (EncoderModel)data.CreateModel();
        return data.Task(model, new MaskedLanguageModeling(model, data.Batches, pairs, data.MostFrequentToken()));
    }

    private protected override Tensor BatchLoss(StepScope step, bool evaluate)
    {
        Tensor hidden = _model.Hidden(Batches.Input(step));                                               // (B, T, C), packed: (1, N, C)
        Tensor logits = _model.TokenLogits(EncoderModel.Rows(hidden, Batches.MaskedRows(step)));          // (places, V)
        Tensor loss = logits.CrossEntropy(Batches.MaskedLabels(step));
        if (evaluate)
        {
            _tokenScores.Add(logits, Batches.Labels, loss);
            foreach (int label in Batches.Labels)
            {
                _unigramScores.Add(label == _frequent, label);
            }
        }

        if (_pairs is null)
        {
            return loss;
        }

        Tensor pairLogits = _model.PairLogits(hidden, Batches.FirstRows(step));                              // (B, 2)
        Tensor pairLoss = pairLogits.CrossEntropy(Batches.Pairs(step));
        if (evaluate)
        {
            _pairScores.Add(pairLogits, Batches.PairLabels, pairLoss);
        }

        return loss + pairLoss;
    }
}
