namespace Engine.Pretraining.Objectives;

/// <summary>
/// An objective that changes the weights itself instead of giving a loss to an optimizer. The trainer does the rest as
/// for all others: evaluation, metrics, samples, checkpoints, resumption.
/// </summary>
public interface ISelfStepping : IObjective
{
    /// <summary>Takes the next step and leaves all that the one after it depends on in the model's parameters and in the step's random position.</summary>
    /// <param name="step">Its random stream is saved and restored with checkpoints.</param>
    /// <param name="done">Steps done before.</param>
    /// <returns>The step's mean training loss and the learning rate at its end.</returns>
    (double Loss, double LearningRate) Step(StepScope step, long done);
}
