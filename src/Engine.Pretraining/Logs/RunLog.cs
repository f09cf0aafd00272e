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
    private readonly string _run;
    private long _flushed = Stopwatch.GetTimestamp();

    private RunLog(string run, MetricsLog metrics, EventFile events) => (_run, _metrics, _events) = (run, metrics, events);

    /// <summary>Opens the logs of a run that stands at a step; what they have of later ones counts no more.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="step">Steps done; 0 for a run that begins, with an evaluation at step 0.</param>
    /// <exception cref="EngineException">A file cannot be written.</exception>
    public static RunLog Open(RunFolder run, long step)
    {
        EventFile events = EventFile.Create(run.Path, step == 0 ? 0 : step + 1);
        try
        {
            RunLog log = new(run.Path, MetricsLog.Open(run.MetricsFile, step), events);
            if (File.Exists(run.ConfigFile))
            {
                events.Begin(step).Text("config", File.ReadAllText(run.ConfigFile, Encoding.UTF8)).End();
            }

            return log;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            events.Dispose();
            throw Fault(run.Path, e);
        }
    }

    /// <summary>A training step.</summary>
    /// <exception cref="EngineException">A file cannot be written; the same of the methods below.</exception>
    public void Write(in StepReport step)
    {
        try
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
        }
        catch (IOException e)
        {
            throw Fault(_run, e);
        }

        if (Stopwatch.GetElapsedTime(_flushed).TotalSeconds >= 1)
        {
            Flush();
        }
    }

    /// <summary>An evaluation.</summary>
    public void Write(in EvaluationReport evaluation)
    {
        try
        {
            _metrics.Write(evaluation);
            _events.Begin(evaluation.Step).Scalar("validation/loss", evaluation.Loss);
            foreach (EvaluationFigure figure in evaluation.Figures ?? [])
            {
                _events.Scalar("validation/" + figure.Name, figure.Value);
            }

            _events.End();
        }
        catch (IOException e)
        {
            throw Fault(_run, e);
        }
    }

    /// <summary>A text that the model has written.</summary>
    public void Write(in SampleReport sample)
    {
        try
        {
            _events.Begin(sample.Step).Text("sample", sample.Text).End();
        }
        catch (IOException e)
        {
            throw Fault(_run, e);
        }
    }

    /// <summary>Hands everything to the operating system.</summary>
    public void Flush()
    {
        try
        {
            _metrics.Flush();
            _events.Flush();
        }
        catch (IOException e)
        {
            throw Fault(_run, e);
        }

        _flushed = Stopwatch.GetTimestamp();
    }

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        try
        {
            _metrics.Dispose();
            _events.Dispose();
        }
        catch (IOException)
        {
            // A run that ends well has flushed, and one that does not has its own reason to tell, most often this one.
        }
    }

    private static EngineException Fault(string run, Exception e) => new($"{run}: the logs cannot be written: {e.Message}", e);
}
