using System.Text.Json;
using Engine.Pretraining.Training;
using Xunit;

namespace Engine.Pretraining.Tests.Training;

public sealed class ProfileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Some_steps_are_profiled_and_the_run_is_the_same()
    {
        RecordingObserver plain = new();
        PretrainRun.Start(TinyRun.Config, _folder.File("plain"), plain);
        Assert.Null(plain.Profile);
        RecordingObserver profiled = new();
        PretrainRun.Start(TinyRun.Config, _folder.File("profiled"), profiled, new ProfileOptions { Steps = 6 });
        Assert.Equal(plain.Losses, profiled.Losses);
        Assert.Equal(plain.Samples, profiled.Samples);

        // Evaluation and checkpoint are due after steps 8 and 6, inside steps 4 to 9.
        ProfileReport report = profiled.Profile!.Value;
        Assert.Equal(("cpu", 4, 6), (report.Device, report.FirstStep, report.Steps));
        Assert.Equal(Path.Combine(_folder.File("profiled"), "trace.json"), report.TraceFile);
        ProfileRow[] rows = [.. report.Table!.Rows];
        Assert.Equal(report.Table.Total.Nanoseconds, rows.Sum(row => row.Nanoseconds));
        long layers = TinyRun.Config.NLayer;
        Assert.Equal(2 * 6 * layers, Row("CausalSelfAttention", "forward").Calls);
        Assert.Equal(2 * 6 * layers, Row("CausalSelfAttention", "backward").Calls);
        Assert.Equal(TinyRun.Config.EvalBatches * layers, Row("CausalSelfAttention", "evaluate").Calls);
        Assert.True(Row("AdamStep", "optimizer").Cost.Bytes > 0);
        Assert.Equal(6, Row("ClipScale", "clip").Calls);

        Dictionary<string, int> spans = Names(report.TraceFile);
        Assert.Equal((6, 12 + 2, 12 + 2), (spans["step"], spans["batch"], spans["forward"]));
        Assert.Equal((12, 6, 6, 1, 1), (spans["backward"], spans["clip"], spans["optimizer"], spans["evaluate"], spans["checkpoint"]));

        ProfileRow Row(string op, string pass) => rows.Single(row => row.Op == op && row.Pass == pass);
    }

    [Theory]
    [InlineData(1, 4, 0)]
    [InlineData(3, 4, 0)]
    [InlineData(4, 4, 1)]
    [InlineData(9, 4, 6)]
    [InlineData(long.MaxValue, 4, 10)]
    public void A_run_that_is_stopped_profiles_the_steps_it_made(long stopAfter, long first, long steps)
    {
        RecordingObserver observer = new() { StopAfter = stopAfter };
        PretrainRun.Start(TinyRun.Config, _folder.File("run"), observer, new ProfileOptions(), observer.Stop);
        ProfileReport report = observer.Profile!.Value;
        Assert.Equal((first, steps), (report.FirstStep, report.Steps));
        Assert.Equal(steps > 0, File.Exists(Path.Combine(_folder.File("run"), "trace.json")));
        Assert.Equal(steps > 0 ? (int)steps : -1, report.Table is null ? -1 : Names(report.TraceFile)["step"]);
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 3, 1)]
    [InlineData(5, 4, 2)]
    public void A_short_run_warms_up_for_less(int maxSteps, long first, long steps)
    {
        RecordingObserver observer = new();
        PretrainRun.Start(TinyRun.Config with { MaxSteps = maxSteps, WarmupSteps = 0 }, _folder.File("run"), observer, new ProfileOptions());
        Assert.Equal((first, steps), (observer.Profile!.Value.FirstStep, observer.Profile.Value.Steps));
    }

    [Fact]
    public void A_resumed_run_can_be_profiled_to_a_file_of_ones_own()
    {
        string file = _folder.File("my trace.json");
        PretrainRun.Start(TinyRun.Config with { MaxSteps = 6 }, _folder.File("run"), new RecordingObserver());
        RecordingObserver observer = new();
        PretrainRun.Resume(TinyRun.Config, _folder.File("run"), observer, new ProfileOptions { Steps = 2, TraceFile = file });
        Assert.Equal((10, 2, file), (observer.Profile!.Value.FirstStep, observer.Profile.Value.Steps, observer.Profile.Value.TraceFile));
        Assert.Equal(2, Names(file)["step"]);
    }

    [Fact]
    public void A_trace_that_cannot_be_written_is_refused_before_the_run()
    {
        string nowhere = Path.Combine(_folder.File("nowhere"), "trace.json");
        EngineException e = Assert.Throws<EngineException>(() =>
            PretrainRun.Start(TinyRun.Config, _folder.File("run"), new RecordingObserver(), new ProfileOptions { TraceFile = nowhere }));
        Assert.StartsWith($"{nowhere}: cannot be written: ", e.Message);
        Assert.False(Directory.Exists(_folder.File("run")));
        Assert.Equal(
            "a profile of 0 steps is not possible; take 1 to 1000.", Assert.Throws<EngineException>(() => new ProfileOptions { Steps = 0 }).Message);
    }

    [Fact]
    public void A_trace_that_cannot_be_written_any_more_does_not_cost_the_run()
    {
        // The folder goes away while the run is at work.
        string folder = _folder.File("gone");
        Directory.CreateDirectory(folder);
        ProfileOptions options = new() { Steps = 2, TraceFile = Path.Combine(folder, "trace.json") };
        DeletingObserver observer = new(folder);
        EngineException e = Assert.Throws<EngineException>(() => PretrainRun.Start(TinyRun.Config, _folder.File("run"), observer, options));
        Assert.StartsWith($"{options.TraceFile}: cannot be written: ", e.Message);
        Assert.Equal(TinyRun.Config.MaxSteps, RunFolder.CheckpointsIn(_folder.File("run"))[^1]);
    }

    private static Dictionary<string, int> Names(string trace)
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(trace));
        return json.RootElement.GetProperty("traceEvents").EnumerateArray().Where(e => e.GetProperty("ph").GetString() == "X")
            .Where(e => e.GetProperty("cat").GetString() is "step" or "phase")
            .CountBy(e => e.GetProperty("name").GetString()!).ToDictionary();
    }

    private sealed class DeletingObserver(string folder) : ITrainingObserver
    {
        public void OnStart(in RunStart start) => Directory.Delete(folder);

        public void OnStep(in StepReport step) => Assert.True(step.Step > 0);

        public void OnEvaluation(in EvaluationReport evaluation) => Assert.True(evaluation.Batches > 0);

        public void OnCheckpoint(in CheckpointReport checkpoint) => Assert.True(Directory.Exists(checkpoint.Path));

        public void OnSample(in SampleReport sample) => Assert.NotEmpty(sample.Text);

        public void OnFinish(in RunEnd end) => Assert.Fail("a run whose trace is lost does not end well");
    }
}
