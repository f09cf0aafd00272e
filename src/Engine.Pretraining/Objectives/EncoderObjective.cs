namespace Engine.Pretraining.Objectives;

/// <summary>What the objectives of encoders share: filling a batch, then its loss. One says what the loss is.</summary>
public abstract class EncoderObjective : IObjective
{
    private protected EncoderObjective(EncoderBatches batches)
    {
        ArgumentNullException.ThrowIfNull(batches);
        Batches = batches;
        TokensPerBatch = batches.Capacity;
    }

    /// <inheritdoc/>
    public int TokensPerBatch { get; private set; }

    /// <inheritdoc/>
    public int EvaluationBatches => Batches.EvaluationBatches;

    private protected EncoderBatches Batches { get; }

    /// <inheritdoc/>
    public Tensor TrainingLoss(StepScope step, long batch)
    {
        ArgumentNullException.ThrowIfNull(step);
        using (step.Device.Span("batch"))
        {
            Batches.FillTraining(batch);
            TokensPerBatch = Batches.RealTokens;
            Prepare(batch, evaluate: false);
        }

        return Loss(step, evaluate: false);
    }

    /// <inheritdoc/>
    public Tensor EvaluationLoss(StepScope step, int batch)
    {
        ArgumentNullException.ThrowIfNull(step);
        using (step.Device.Span("batch"))
        {
            Batches.FillEvaluation(batch);
            Prepare(batch, evaluate: true);
        }

        return Loss(step, evaluate: true);
    }

    /// <inheritdoc/>
    public abstract IReadOnlyList<EvaluationFigure> TakeFigures();

    private Tensor Loss(StepScope step, bool evaluate)
    {
        using ProfileSpan span = step.Device.Span("forward");
        return BatchLoss(step, evaluate);
    }

    // More that a batch has, on the host, once it is filled.
    private protected virtual void Prepare(long batch, bool evaluate)
    {
        // Most objectives have all they need.
    }

    // The mean loss of the batch; in an evaluation it is also scored.
    private protected abstract Tensor BatchLoss(StepScope step, bool evaluate);
}
