using Engine.Cli.Output;
using Engine.Pretraining.Logs;
using Xunit;

namespace Engine.Cli.Tests;

public sealed class WorkProgressTests
{
    [Theory]
    [InlineData("training", 120, 300, "steps", 10, "training: 120 of 300 steps  40 %  12/s  0:15 left")]
    [InlineData("encoding", 1_500_000, 6_000_000, "bytes", 2, "encoding: 1.5 M of 6.0 M bytes  25 %  750.0 k/s  0:06 left")]
    [InlineData("answering", 3, 100, "questions", 60, "answering: 3 of 100 questions  3 %  0.1/s  32:20 left")]
    [InlineData("training", 0, 300, "steps", 10, "training: 0 of 300 steps  0 %")]
    [InlineData("loading a", 0, 0, "", 65, "loading a: 1:05")]
    public void A_line_has_the_rate_and_the_time_left(string what, long done, long total, string unit, double seconds, string line) =>
        Assert.Equal(line, WorkProgress.Describe(new WorkDone(what, done, total, unit), TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void What_is_short_is_not_spoken_of()
    {
        using StringWriter output = new(), error = new();
        Assert.Equal(7, WorkProgress.Show(new Host(output, error, Live: false), "adding", progress =>
        {
            progress.Report(new WorkDone("adding", 1, 2, "numbers"));
            return 7;
        }));
        Assert.Equal(string.Empty, output.ToString() + error);
    }

    [Fact]
    public void Lines_go_to_standard_error_and_end_with_the_work()
    {
        using StringWriter output = new(), error = new();
        using ManualResetEventSlim written = new();
        using TextWriter signalling = TextWriter.Synchronized(new SignallingWriter(error, written));
        WorkProgress.Show(new Host(output, signalling, Live: false), "waiting", progress =>
        {
            progress.Report(new WorkDone("counting", 5, 10, "sheep"));
            Assert.True(written.Wait(TimeSpan.FromSeconds(60)));
        });
        string[] lines = error.ToString().TrimEnd('\n').Split('\n');
        Assert.StartsWith("counting: 5 of 10 sheep  50 %  ", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("counting: done in 0:", lines[^1], StringComparison.Ordinal);
        Assert.Empty(output.ToString());
    }

    [Fact]
    public void Mistakes_come_through_on_a_terminal_too()
    {
        using StringWriter output = new(), error = new();
        foreach (bool live in new[] { false, true })
        {
            Assert.Throws<EngineException>(() => WorkProgress.Show(new Host(output, error, false, live), "failing", _ => throw new EngineException("no")));
            Assert.Equal(3, WorkProgress.Show(new Host(output, error, false, live), "adding", _ => 3));
        }

        Assert.Empty(output.ToString());
    }

    /// <summary>Says that something was written.</summary>
    private sealed class SignallingWriter(TextWriter inner, ManualResetEventSlim written) : TextWriter
    {
        public override System.Text.Encoding Encoding => inner.Encoding;

        public override void Write(char value) => inner.Write(value);

        public override void Write(string? value)
        {
            inner.Write(value);
            written.Set();
        }
    }
}
