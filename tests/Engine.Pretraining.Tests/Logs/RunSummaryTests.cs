using System.Text;
using Engine.Pretraining.Logs;
using Engine.Pretraining.Tests.Training;
using Engine.Pretraining.Training;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Pretraining.Tests.Logs;

public sealed class RunSummaryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Run => _folder.File("run");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_tells_its_state_figures_and_device()
    {
        RecordingObserver observer = new();
        PretrainRun.Start(TinyRun.Config, Run, observer);
        RunSummary run = RunSummary.Read(Run);
        Assert.Equal(("run", RunState.Finished, 24L, 0L), (run.Name, run.State, run.Step, run.DamagedLines));
        Assert.Equal(observer.Losses[24], (float)run.Last("loss"));
        Assert.Equal(observer.Evaluations[24], run.Last("val_loss"));
        Assert.Equal((observer.Start.Device, observer.Start.ParameterCount, observer.Start.TrainTokens), (run.Facts!.Device, run.Facts.Parameters, run.Facts.TrainTokens));
        Assert.True(run.Facts.Elapsed > TimeSpan.Zero);
        Assert.True(double.IsNaN(run.Last("no such figure")));
    }

    [Fact]
    public void States_are_told_apart()
    {
        RecordingObserver observer = new() { StopAfter = 5 };
        PretrainRun.Start(TinyRun.Config, Run, observer, stop: observer.Stop);
        RunFacts facts = RunSummary.Read(Run).Facts!;
        Assert.Equal(RunState.Stopped, RunSummary.Read(Run).State);

        // As a process that was killed leaves it, then as one that lives.
        (facts with { State = RunState.Running }).Write(Run);
        Assert.Equal(RunState.Crashed, RunSummary.Read(Run).State);
        using (RunFolder.Open(Run))
        {
            Assert.Equal(RunState.Running, RunSummary.Read(Run).State);
        }

        PretrainRun.Resume(TinyRun.Config, Run, new RecordingObserver());
        RunFacts resumed = RunSummary.Read(Run).Facts!;
        Assert.Equal((RunState.Finished, facts.Started), (resumed.State, resumed.Started));
        Assert.True(resumed.Elapsed > facts.Elapsed);

        // Runs without the file are known by their checkpoints.
        File.WriteAllText(Path.Combine(Run, "run.json"), "{");
        Assert.Equal(RunState.Finished, RunSummary.Read(Run).State);
        Directory.Delete(RunFolder.CheckpointPath(Run, 24), recursive: true);
        Assert.Equal(RunState.Stopped, RunSummary.Read(Run).State);
    }

    [Fact]
    public void A_run_that_fails_says_so_and_has_a_report()
    {
        EngineException e = Assert.Throws<EngineException>(() => PretrainRun.Start(TinyRun.Config with { LearningRate = 100, GradClip = 0, WarmupSteps = 0, Precision = "fp16", MaxSteps = 60, EvalInterval = 0, SampleTokens = 0, Schedule = "constant" }, Run, new RecordingObserver()));
        Assert.Contains("not finite", e.Message, StringComparison.Ordinal);
        Assert.Equal(RunState.Failed, RunSummary.Read(Run).State);
        Assert.Contains("Failed after step", File.ReadAllText(Path.Combine(Run, "report.html")), StringComparison.Ordinal);
    }

    [Fact]
    public void Cut_off_lines_are_left_out_and_damaged_ones_counted()
    {
        Write("{\"step\":1,\"loss\":3,\"note\":\"x\"}\nnonsense\n{\"loss\":4}\n[]\n{\"step\":2,\"loss\":null}\n{\"step\":3,\"loss\":2}\n{\"step\":4,\"lo");
        RunSummary run = RunSummary.Read(Run);
        Assert.Equal((3L, 3L, 2L, 2.0), (run.Step, run.DamagedLines, run.Curves["loss"].Count, run.Last("loss")));
        Assert.Equal(["loss"], run.Curves.Keys);
    }

    [Fact]
    public void Whatever_the_files_hold_a_folder_is_listed_or_skipped_in_one_sentence() => Prop.ForAll(
        ArbMap.Default.ArbFor<byte[]>(), ArbMap.Default.ArbFor<NonNegativeInt>(), (noise, at) =>
        {
            byte[] line = Encoding.UTF8.GetBytes("{\"step\":3,\"loss\":2.5}\n{\"step\":4,\"loss\":2.25,\"val_loss\":1e999}\n");
            Write(string.Empty);
            File.WriteAllBytes(Path.Combine(Run, "metrics.jsonl"), [.. line[..(at.Get % line.Length)], .. noise, .. line]);
            File.WriteAllBytes(Path.Combine(Run, "run.json"), noise);
            List<string> notes = [];
            RunSummary run = Assert.Single(RunSummary.ReadAll(_folder.Path, notes.Add));
            Assert.Empty(notes);
            File.WriteAllBytes(Path.Combine(Run, "config.json"), noise);
            int runs = RunSummary.ReadAll(_folder.Path, notes.Add).Count;
            return run.Last("loss") == 2.25 && runs + notes.Count == 1;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Folders_of_others_are_skipped_and_missing_ones_named()
    {
        Write("{\"step\":1,\"loss\":3}\n");
        Directory.CreateDirectory(_folder.File("photos"));
        List<string> notes = [];
        Assert.Equal("run", Assert.Single(RunSummary.ReadAll(_folder.Path, notes.Add)).Name);
        Assert.Equal($"{_folder.File("photos")}: the folder holds no run (it has no config.json).", Assert.Single(notes));
        Assert.Equal("run", Assert.Single(RunSummary.ReadAll(Run, notes.Add)).Name);
        Assert.Throws<EngineException>(() => RunSummary.ReadAll(_folder.File("nowhere"), notes.Add));
    }

    private void Write(string metrics)
    {
        Directory.CreateDirectory(Run);
        File.WriteAllText(Path.Combine(Run, "config.json"), TinyRun.Config.ToJson());
        File.WriteAllText(Path.Combine(Run, "metrics.jsonl"), metrics);
    }
}
