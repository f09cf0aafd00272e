using Engine.Pretraining.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Engine.Cli.Output;

/// <summary>
/// A terminal: one line redrawn with progress, loss, speed and time left; above it the validation losses and samples as they
/// come.
/// </summary>
internal sealed class LiveObserver : ITrainingObserver
{
    private readonly IAnsiConsole _console;
    private readonly ProgressTask _task;
    private readonly Status _status;
    private double _lastValidation = double.NaN;

    private LiveObserver(IAnsiConsole console, ProgressTask task, Status status) => (_console, _task, _status) = (console, task, status);

    /// <summary>Runs <paramref name="training"/> under a progress line.</summary>
    public static void Show(IAnsiConsole console, Action<ITrainingObserver> training)
    {
        Status status = new();
        console.Progress()
            .AutoClear(true)
            .Columns(new ProgressBarColumn { Width = 18 }, new PercentageColumn(), status)
            .Start(context => training(new LiveObserver(console, context.AddTask("training", autoStart: true, maxValue: 1), status)));
    }

    public void OnStart(in RunStart start)
    {
        _console.WriteLine(Text.Describe(start));
        _task.MaxValue = start.MaxSteps;
        _task.Value = start.FirstStep;
    }

    public void OnStep(in StepReport step)
    {
        _task.Value = step.Step;
        _status.Line = $"step {step.Step}/{step.MaxSteps}  loss {step.Loss:0.000}  {Text.Count(step.TokensPerSecond)} tok/s  {Text.Duration(step.Remaining)} left";
    }

    public void OnEvaluation(in EvaluationReport evaluation)
    {
        string trend = evaluation.Loss < _lastValidation ? "[green]↓[/]" : evaluation.Loss > _lastValidation ? "[red]↑[/]" : " ";
        _lastValidation = evaluation.Loss;
        _console.MarkupLine($"step {evaluation.Step,6}  validation loss [bold]{evaluation.Loss:0.0000}[/] {trend}{Text.Figures(evaluation.Figures)}");
    }

    public void OnCheckpoint(in CheckpointReport checkpoint) => _console.MarkupLineInterpolated($"[grey]step {checkpoint.Step,6}  saved {Text.Short(checkpoint.Path)}[/]");

    public void OnSample(in SampleReport sample)
    {
        _console.MarkupLineInterpolated($"[grey]step {sample.Step,6}  the model writes:[/]");
        _console.Write(new Padder(new Spectre.Console.Text(sample.Text.Trim('\n'), new Style(Color.Aqua))).PadLeft(4).PadTop(0));
    }

    public void OnProfile(in ProfileReport profile) => _console.WriteLine(ProfileText.Of(profile));

    public void OnFinish(in RunEnd end) => _console.WriteLine(Text.Describe(end));

    /// <summary>The end of the progress line. The training thread sets it, the drawing thread reads it.</summary>
    private sealed class Status : ProgressColumn
    {
        private volatile string _line = "getting ready";

        public string Line
        {
            set => _line = value;
        }

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Spectre.Console.Text(_line);
    }
}
