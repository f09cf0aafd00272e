using System.Text;
using System.Text.RegularExpressions;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Training;
using Xunit;

namespace Engine.Pretraining.Tests.Training;

public sealed class ResumeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Whole => _folder.File("whole");

    private string Parts => _folder.File("parts");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, "fp32")]
    [InlineData(7, "fp32")]
    [InlineData(12, "fp32")]
    [InlineData(7, "bf16")]
    [InlineData(7, "fp16")]
    public void A_run_that_was_stopped_and_resumed_equals_one_that_was_not(int stopAfter, string precision)
    {
        PretrainConfig config = TinyRun.Config with { Precision = precision };
        RecordingObserver whole = new();
        PretrainRun.Start(config, Whole, whole);
        RecordingObserver first = new() { StopAfter = stopAfter };
        PretrainRun.Start(config, Parts, first, stop: first.Stop);
        Assert.False(first.End.Completed);
        Assert.Equal(stopAfter, first.End.Step);
        RecordingObserver second = new();
        PretrainRun.Resume(PretrainRun.ConfigOf(Parts), Parts, second);

        Assert.Equal(stopAfter, second.Start.FirstStep);
        Assert.True(second.End.Completed);
        Assert.Equal(whole.Losses, first.Losses.Concat(second.Losses).ToDictionary());
        Assert.Equal(whole.Samples, first.Samples.Concat(second.Samples).ToDictionary());
        AssertSameEnd();
    }

    [Fact]
    public void A_run_resumed_from_an_older_checkpoint_equals_one_that_was_not_stopped()
    {
        PretrainRun.Start(TinyRun.Config, Whole, new RecordingObserver());
        RecordingObserver first = new() { StopAfter = 20 };
        PretrainRun.Start(TinyRun.Config, Parts, first, stop: first.Stop);

        // As after a kill -9 just past step 12: later checkpoints are missing, the metrics are ahead and cut off mid-line.
        foreach (long step in RunFolder.CheckpointsIn(Parts).Where(s => s > 12))
        {
            Directory.Delete(RunFolder.CheckpointPath(Parts, step), recursive: true);
        }

        Directory.CreateDirectory(Path.Combine(Parts, "checkpoints", ".unfinished-18"));
        File.AppendAllText(Path.Combine(Parts, "metrics.jsonl"), "{\"step\":21,\"lo");
        RecordingObserver second = new();
        PretrainRun.Resume(TinyRun.Config, Parts, second);
        Assert.Equal(12, second.Start.FirstStep);
        AssertSameEnd();
    }

    [Fact]
    public void The_number_of_threads_does_not_change_a_bit()
    {
        PretrainRun.Start(TinyRun.Config with { Threads = 1 }, Whole, new RecordingObserver());
        PretrainRun.Start(TinyRun.Config with { Threads = 3 }, Parts, new RecordingObserver());
        AssertSameEnd();
    }

    [Fact]
    public void A_run_killed_before_its_first_checkpoint_starts_again()
    {
        PretrainRun.Start(TinyRun.Config, Whole, new RecordingObserver());
        Directory.CreateDirectory(Parts);
        File.Copy(Path.Combine(Whole, "config.json"), Path.Combine(Parts, "config.json"));
        PretrainRun.Resume(TinyRun.Config, Parts, new RecordingObserver());
        AssertSameEnd();
    }

    [Fact]
    public void A_finished_run_can_be_given_more_steps()
    {
        PretrainConfig constant = TinyRun.Config with { Schedule = "constant" };
        PretrainRun.Start(constant, Whole, new RecordingObserver());
        PretrainRun.Start(constant with { MaxSteps = 10 }, Parts, new RecordingObserver());
        RecordingObserver more = new();
        PretrainRun.Resume(constant, Parts, more);
        Assert.Equal(10, more.Start.FirstStep);
        AssertSameWeights();
    }

    [Fact]
    public void A_changed_corpus_is_found()
    {
        string corpus = Corpus("to be or not to be. ");
        PretrainConfig config = TinyRun.Config with { Data = corpus, MaxSteps = 6 };
        PretrainRun.Start(config, Parts, new RecordingObserver());
        Corpus("to be or not to bee. ");
        EngineException e = Assert.Throws<EngineException>(() => PretrainRun.Resume(config, Parts, new RecordingObserver()));
        Assert.Contains("the corpus has changed since the run began", e.Message);
        Corpus("what dreams may come? ");
        e = Assert.Throws<EngineException>(() => PretrainRun.Resume(config, Parts, new RecordingObserver()));
        Assert.Contains("vocabulary mismatch", e.Message);
    }

    private string Corpus(string sentence) =>
        _folder.Write("corpus.txt", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(sentence, 60))));

    private void AssertSameEnd()
    {
        AssertSameWeights();
        Assert.Equal(Metrics(Whole), Metrics(Parts));
    }

    private void AssertSameWeights()
    {
        foreach (string file in new[] { Checkpoint.ModelFile, Checkpoint.OptimizerFile })
        {
            Assert.Equal(
                File.ReadAllBytes(Path.Combine(RunFolder.LatestCheckpoint(Whole), file)),
                File.ReadAllBytes(Path.Combine(RunFolder.LatestCheckpoint(Parts), file)));
        }
    }

    // All but throughput and memory, which are of the process.
    private static string[] Metrics(string run) => [.. File.ReadAllLines(Path.Combine(run, "metrics.jsonl"))
        .Select(line => Regex.Replace(line, ",\"(tokens_per_second|memory_bytes)\":[0-9.E+]*", string.Empty))];
}
