namespace Engine.Pretraining.Objectives;

/// <summary>
/// What a model is trained to do: makes the batches and the loss. Batches are pure functions of their number, so that a
/// resumed run sees the same data.
/// </summary>
public interface IObjective
{
    /// <summary>Tokens (or other units) in one training batch, for the throughput figure.</summary>
    int TokensPerBatch { get; }

    /// <summary>Batches in the fixed evaluation set.</summary>
    int EvaluationBatches { get; }

    /// <summary>
    /// The mean loss of training batch <paramref name="batch"/>, a scalar of the step. Making the batch and computing the loss are
    /// the phases <c>batch</c> and <c>forward</c> of a profile (<see cref="Device.Span"/>).
    /// </summary>
    Tensor TrainingLoss(StepScope step, long batch);

    /// <summary>The mean loss of evaluation batch <paramref name="batch"/>; the same data every time.</summary>
    Tensor EvaluationLoss(StepScope step, int batch);
}
