using System.Diagnostics;
using System.Text;
using Engine.Pretraining.Objectives;
using Engine.Pretraining.Training;

namespace Engine.Pretraining.Logs;

/// <summary>
/// What a run writes about itself while it trains: <c>metrics.jsonl</c> and an event file of TensorBoard, with the same figures. Both
/// reach the disk about every second, so that they can be watched. A step allocates no managed memory.
/// </summary>
internal sealed class RunLog : IDisposable
{
    private readonly MetricsLog _metrics;
    private readonly EventFile _events;
    private long _flushed = Stopwatch.GetTimestamp();

    private RunLog(MetricsLog metrics, EventFile events) => (_metrics, _events) = (metrics, events);

    /// <summary>Opens the logs of a run that stands at a step; what they have of later ones counts no more.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="step">Steps done; 0 for a run that begins, with an evaluation at step 0.</param>
    /// <exception cref="EngineException">A file cannot be written.</exception>
    public static RunLog Open(RunFolder run, long step)
    {
        EventFile events = EventFile.Create(run.Path, step == 0 ? 0 : step + 1);
        try
        {
            RunLog log = new(MetricsLog.Open(run.MetricsFile, step), events);
            if (File.Exists(run.ConfigFile))
            {
                events.Begin(step).Text("config", File.ReadAllText(run.ConfigFile, Encoding.UTF8)).End();
            }

            return log;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            events.Dispose();
            throw new EngineException($"{run.Path}: the logs cannot be written: {e.Message}", e);
        }
    }

    /// <summary>A training step.</summary>
    public void Write(in StepReport step)
    {
        _metrics.Write(step);
        _events.Begin(step.Step)
            .Scalar("train/loss", step.Loss)
            .Scalar("train/grad_norm", step.GradNorm)
            .Scalar("train/lr", step.LearningRate)
            .Scalar("throughput/tokens_per_second", step.TokensPerSecond)
            .Scalar("memory/peak_bytes", step.MemoryBytes);
        if (step.LossScaling is { } scaling)
        {
            _events.Scalar("train/loss_scale", scaling.Scale).Scalar("train/skipped_steps", scaling.SkippedSteps);
        }

        _events.End();
        if (Stopwatch.GetElapsedTime(_flushed).TotalSeconds >= 1)
        {
            Flush();
        }
    }

    /// <summary>An evaluation.</summary>
    public void Write(in EvaluationReport evaluation)
    {
        _metrics.Write(evaluation);
        _events.Begin(evaluation.Step).Scalar("validation/loss", evaluation.Loss);
        foreach (EvaluationFigure figure in evaluation.Figures ?? [])
        {
            _events.Scalar("validation/" + figure.Name, figure.Value);
        }

        _events.End();
    }

    /// <summary>A text that the model has written.</summary>
    public void Write(in SampleReport sample) => _events.Begin(sample.Step).Text("sample", sample.Text).End();

    /// <summary>Hands everything to the operating system.</summary>
    public void Flush()
    {
        _metrics.Flush();
        _events.Flush();
        _flushed = Stopwatch.GetTimestamp();
    }

    /// <summary>Flushes and closes.</summary>
    public void Dispose()
    {
        _metrics.Dispose();
        _events.Dispose();
    }
}
