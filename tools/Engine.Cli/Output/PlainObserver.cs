using Engine.Pretraining.Training;

namespace Engine.Cli.Output;

/// <summary>Plain lines, for pipes and log files.</summary>
/// <param name="output">Where to; flushed line by line.</param>
/// <param name="logInterval">Steps between two lines of losses.</param>
/// <param name="started">Called when the run begins; null for nothing.</param>
internal sealed class PlainObserver(TextWriter output, int logInterval, Action? started = null) : ITrainingObserver
{
    public void OnStart(in RunStart start)
    {
        started?.Invoke();
        Line($"run {Text.Describe(start)}");
    }

    public void OnStep(in StepReport step)
    {
        if (step.Step % logInterval == 0 || step.Step == step.MaxSteps)
        {
            Line(
                $"step {step.Step}/{step.MaxSteps}  loss {step.Loss:0.0000}  norm {step.GradNorm:0.00}  lr {step.LearningRate:0.00e+0}  " +
                $"{Text.LossScaling(step.LossScaling)}{step.TokensPerSecond:0} tokens/s  {Text.Duration(step.Remaining)} left");
        }
    }

    public void OnEvaluation(in EvaluationReport evaluation) =>
        Line($"step {evaluation.Step}  validation loss {evaluation.Loss:0.0000} ({evaluation.Batches} batches){Text.Figures(evaluation.Figures)}");

    public void OnCheckpoint(in CheckpointReport checkpoint) => Line($"step {checkpoint.Step}  saved {Text.Short(checkpoint.Path)}");

    public void OnSample(in SampleReport sample) => Line($"step {sample.Step}  sample:\n{sample.Text.Trim('\n')}\n");

    public void OnProfile(in ProfileReport profile) => Line(ProfileText.Of(profile));

    public void OnFinish(in RunEnd end) => Line(Text.Describe(end));

    private void Line(string line)
    {
        output.Write(line + "\n");
        output.Flush();
    }
}
