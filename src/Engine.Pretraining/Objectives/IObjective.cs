namespace Engine.Pretraining.Objectives;

/// <summary>One figure of an evaluation besides its loss.</summary>
/// <param name="Name">In snake case, as metrics files spell it: <c>mlm_accuracy</c>.</param>
/// <param name="Value">Its value.</param>
public readonly record struct EvaluationFigure(string Name, double Value);

/// <summary>
/// What a model is trained to do: makes the batches and the loss. Batches are pure functions of their number, so that a
/// resumed run sees the same data.
/// </summary>
public interface IObjective
{
    /// <summary>
    /// Tokens (or other units) of the latest training batch, padding not counted, for the throughput figure; before the first one, of a full batch.
    /// </summary>
    int TokensPerBatch { get; }

    /// <summary>Batches in the fixed evaluation set.</summary>
    int EvaluationBatches { get; }

    /// <summary>
    /// The mean loss of training batch <paramref name="batch"/>, a scalar of the step. Making the batch and computing the loss are
    /// the phases <c>batch</c> and <c>forward</c> of a profile (<see cref="Device.Span"/>).
    /// </summary>
    Tensor TrainingLoss(StepScope step, long batch);

    /// <summary>
    /// Figures besides the loss over the evaluation batches since the last call, for example an accuracy; none by default. Called before
    /// and after each evaluation, so an objective may add up while it runs the batches.
    /// </summary>
    IReadOnlyList<EvaluationFigure> TakeFigures() => [];

    /// <summary>The mean loss of evaluation batch <paramref name="batch"/>; the same data every time.</summary>
    Tensor EvaluationLoss(StepScope step, int batch);
}
