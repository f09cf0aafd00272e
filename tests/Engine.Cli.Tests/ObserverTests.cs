using System.Text.Json;
using Engine.Cli.Output;
using Engine.Pretraining.Training;
using Spectre.Console;
using Xunit;

namespace Engine.Cli.Tests;

public sealed class ObserverTests
{
    private static readonly string s_run = Path.Combine(Environment.CurrentDirectory, "runs", "a");

    [Fact]
    public void Plain_lines_tell_the_whole_run()
    {
        using StringWriter output = new();
        Play(new PlainObserver(output, logInterval: 2));
        Assert.Equal(
            $"""
            run {Path.Combine("runs", "a")}: 812.3 k parameters on cpu (AVX2, 2 threads); 1.0 M tokens to train on, 111.5 k to validate, 768 a step; 3 steps
            step 2/3  loss 2.0000  norm 1.50  lr 1.00e-3  12345 tokens/s  1:05 left
            step 2  validation loss 2.1250 (100 batches)
            step 2  saved {Path.Combine("runs", "a", "checkpoints", "step-2")}
            step 2  sample:
            ROMEO: [bold]

            step 3/3  loss NaN  norm NaN  lr 1.00e-3  12345 tokens/s  1:05 left
            done: 3 steps in 1:01:05, validation loss 2.1250. Next: engine generate --run {Path.Combine("runs", "a")}

            """,
            output.ToString());
    }

    [Fact]
    public void Json_lines_are_one_object_for_each_event()
    {
        using StringWriter output = new();
        Play(new JsonObserver(output));
        JsonElement[] lines = [.. output.ToString().TrimEnd('\n').Split('\n').Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(
            ["start", "step", "step", "evaluation", "checkpoint", "sample", "step", "finish"],
            lines.Select(line => line.GetProperty("event").GetString()));
        Assert.Equal(812345, lines[0].GetProperty("parameters").GetInt64());
        Assert.Equal(2.0, lines[2].GetProperty("loss").GetDouble());
        Assert.Equal(2.125, lines[3].GetProperty("val_loss").GetDouble());
        Assert.Equal("\nROMEO: [bold]\n", lines[5].GetProperty("text").GetString());
        Assert.Equal(JsonValueKind.Null, lines[6].GetProperty("loss").ValueKind);
        Assert.True(lines[7].GetProperty("completed").GetBoolean());
    }

    [Fact]
    public void A_terminal_shows_losses_samples_and_the_end()
    {
        using StringWriter output = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            Interactive = InteractionSupport.Yes,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(output),
        });
        LiveObserver.Show(console, Play);
        Assert.Contains("validation loss", output.ToString());
        Assert.Contains("ROMEO: [bold]", output.ToString());
        Assert.Contains("done: 3 steps in 1:01:05", output.ToString());
    }

    [Fact]
    public void Errors_of_the_training_leave_the_progress_line()
    {
        using StringWriter output = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        Assert.Throws<EngineException>(() => LiveObserver.Show(console, _ => throw new EngineException("the loss is not finite")));
    }

    [Fact]
    public void A_stopped_run_says_how_to_go_on()
    {
        using StringWriter output = new();
        new PlainObserver(output, 1).OnFinish(new RunEnd(7, Completed: false, double.NaN, TimeSpan.FromSeconds(3), s_run));
        Assert.Equal($"stopped after step 7 and saved. Next: engine pretrain --resume {Path.Combine("runs", "a")}\n", output.ToString());
    }

    [Theory]
    [InlineData(0.4, "0:00")]
    [InlineData(59.6, "1:00")]
    [InlineData(3599, "59:59")]
    [InlineData(3600, "1:00:00")]
    [InlineData(-5, "0:00")]
    public void Durations_are_short(double seconds, string expected) => Assert.Equal(expected, Output.Text.Duration(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(999, "999")]
    [InlineData(12345, "12.3 k")]
    [InlineData(124439808, "124.4 M")]
    [InlineData(1.5e9, "1.5 G")]
    public void Counts_are_short(double count, string expected) => Assert.Equal(expected, Output.Text.Count(count));

    private static void Play(ITrainingObserver observer)
    {
        observer.OnStart(new RunStart(s_run, "cpu (AVX2, 2 threads)", 812345, 0, 3, 768, 1003854, 111540));
        observer.OnStep(new StepReport(1, 3, 3f, 1f, 1e-3f, 12345, TimeSpan.FromSeconds(70)));
        observer.OnStep(new StepReport(2, 3, 2f, 1.5f, 1e-3f, 12345, TimeSpan.FromSeconds(65)));
        observer.OnEvaluation(new EvaluationReport(2, 2.125, 100));
        observer.OnCheckpoint(new CheckpointReport(2, Path.Combine(s_run, "checkpoints", "step-2")));
        observer.OnSample(new SampleReport(2, "\nROMEO: [bold]\n"));
        observer.OnStep(new StepReport(3, 3, float.NaN, float.NaN, 1e-3f, 12345, TimeSpan.FromSeconds(65)));
        observer.OnFinish(new RunEnd(3, Completed: true, 2.125, new TimeSpan(1, 1, 5), s_run));
    }
}
