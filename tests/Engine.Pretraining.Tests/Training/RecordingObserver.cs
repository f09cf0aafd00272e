using Engine.Pretraining.Training;

namespace Engine.Pretraining.Tests.Training;

/// <summary>Keeps what a run reports, and may ask it to stop after a step.</summary>
internal sealed class RecordingObserver : ITrainingObserver
{
    private readonly CancellationTokenSource _stop = new();

    public long StopAfter { get; init; } = long.MaxValue;

    public CancellationToken Stop => _stop.Token;

    public RunStart Start { get; private set; }

    public RunEnd End { get; private set; }

    public Dictionary<long, float> Losses { get; } = [];

    public Dictionary<long, double> Evaluations { get; } = [];

    public Dictionary<string, double> Figures { get; private set; } = [];

    public Dictionary<long, string> Samples { get; } = [];

    public ProfileReport? Profile { get; private set; }

    public void OnStart(in RunStart start) => Start = start;

    public void OnStep(in StepReport step)
    {
        Losses[step.Step] = step.Loss;
        if (step.Step >= StopAfter)
        {
            _stop.Cancel();
        }
    }

    public void OnEvaluation(in EvaluationReport evaluation)
    {
        Evaluations[evaluation.Step] = evaluation.Loss;
        Figures = evaluation.Figures?.ToDictionary(f => f.Name, f => f.Value) ?? [];
    }

    public void OnCheckpoint(in CheckpointReport checkpoint) => Xunit.Assert.True(Directory.Exists(checkpoint.Path));

    public void OnSample(in SampleReport sample) => Samples[sample.Step] = sample.Text;

    public void OnProfile(in ProfileReport profile) => Profile = profile;

    public void OnFinish(in RunEnd end) => End = end;
}
