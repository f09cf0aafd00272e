using Engine.Pretraining.Training;
using Xunit;

namespace Engine.Pretraining.Tests.Training;

public sealed class TrainerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_tiny_model_learns()
    {
        RecordingObserver seen = new();
        PretrainRun.Start(TinyRun.Config with { MaxSteps = 150, EvalInterval = 50, Dropout = 0, CheckpointEvery = 0 }, _folder.File("run"), seen);
        Assert.Equal([0, 50, 100, 150], seen.Evaluations.Keys);
        Assert.InRange(seen.Evaluations[0], 4.0, 4.4); // ln 65 = 4.17 for an untrained model
        Assert.True(seen.Evaluations[150] < 3.2, $"validation loss {seen.Evaluations[150]}"); // characters alone, without context, give 3.3
        Assert.True(seen.Evaluations[150] < seen.Evaluations[50]);
        Assert.Equal(seen.Evaluations[150], seen.End.ValidationLoss);
        Assert.Equal(150, seen.Losses.Count);
    }

    [Fact]
    public void A_loss_that_is_not_finite_stops_the_run_and_names_the_culprit()
    {
        // Without clipping and with an absurd learning rate the weights overflow within a few steps.
        EngineException e = Assert.Throws<EngineException>(() => PretrainRun.Start(
            TinyRun.Config with { LearningRate = 1e38, MinLr = 0, Schedule = "constant", WarmupSteps = 0, GradClip = 0, CheckpointEvery = 1, EvalInterval = 0, SampleTokens = 0 },
            _folder.File("run"),
            new RecordingObserver()));
        Assert.Matches(@"^The loss is not finite at step \d+ \(loss .*, gradient norm .*\)\. Largest gradient: .* \(.*\)\. Last good checkpoint: .*step-\d+\. Try a lower learning_rate or a longer warmup_steps\.$", e.Message);
    }

    [Fact]
    public void Only_the_newest_checkpoints_are_kept()
    {
        PretrainRun.Start(TinyRun.Config with { KeepCheckpoints = 2 }, _folder.File("run"), new RecordingObserver());
        Assert.Equal([18, 24], RunFolder.CheckpointsIn(_folder.File("run")));
    }
}
