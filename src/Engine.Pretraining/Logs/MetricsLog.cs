using System.Text;
using System.Text.Json;
using Engine.Pretraining.Objectives;
using Engine.Pretraining.Training;

namespace Engine.Pretraining.Logs;

/// <summary>
/// <c>metrics.jsonl</c>: a line for each step and evaluation. Numbers are written so that they read back to the same bits.
/// Resuming drops the lines after the checkpoint, so a resumed run's file equals that of a run that was never stopped,
/// apart from times and memory.
/// </summary>
internal sealed class MetricsLog : IDisposable
{
    private readonly FileStream _file;
    private readonly Utf8JsonWriter _json;
    private readonly MemoryStream _line = new();

    private MetricsLog(FileStream file)
    {
        _file = file;
        _json = new Utf8JsonWriter(_line);
    }

    /// <summary>
    /// Opens the log and drops everything after <paramref name="step"/>, also a half-written last line. At step 0 the run begins
    /// with an evaluation, so a run that was killed before its first checkpoint keeps no line.
    /// </summary>
    public static MetricsLog Open(string path, long step)
    {
        FileStream file = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        long keep = 0;
        using (StreamReader reader = new(file, Encoding.UTF8, leaveOpen: true))
        {
            while (reader.ReadLine() is { } line && StepOf(line) is { } at && at <= step && step > 0)
            {
                keep += Encoding.UTF8.GetByteCount(line) + 1;
            }
        }

        file.SetLength(Math.Min(keep, file.Length));
        file.Position = file.Length;
        return new MetricsLog(file);
    }

    /// <summary>A line for a training step.</summary>
    public void Write(in StepReport step)
    {
        Begin(step.Step);
        Write("loss"u8, step.Loss);
        Write("grad_norm"u8, step.GradNorm);
        _json.WriteNumber("learning_rate"u8, step.LearningRate);
        _json.WriteNumber("tokens_per_second"u8, Math.Round(step.TokensPerSecond, 1));
        _json.WriteNumber("memory_bytes"u8, step.MemoryBytes);
        if (step.LossScaling is { } scaling)
        {
            _json.WriteNumber("loss_scale"u8, scaling.Scale);
            _json.WriteNumber("skipped_steps"u8, scaling.SkippedSteps);
        }

        End();
    }

    /// <summary>A line for an evaluation.</summary>
    public void Write(in EvaluationReport evaluation)
    {
        Begin(evaluation.Step);
        Write("val_loss"u8, evaluation.Loss);
        _json.WriteNumber("batches"u8, evaluation.Batches);
        foreach (EvaluationFigure figure in evaluation.Figures ?? [])
        {
            Write(Encoding.UTF8.GetBytes(figure.Name), (float)figure.Value);
        }

        End();
    }

    /// <summary>Hands the lines to the operating system.</summary>
    public void Flush() => _file.Flush();

    /// <summary>Flushes and closes.</summary>
    public void Dispose()
    {
        _json.Dispose();
        _line.Dispose();
        _file.Dispose();
    }

    // A step that overflowed has numbers that JSON has no words for.
    private void Write(ReadOnlySpan<byte> name, float value)
    {
        if (float.IsFinite(value))
        {
            _json.WriteNumber(name, value);
        }
        else
        {
            _json.WriteNull(name);
        }
    }

    private void Write(ReadOnlySpan<byte> name, double value)
    {
        if (double.IsFinite(value))
        {
            _json.WriteNumber(name, value);
        }
        else
        {
            _json.WriteNull(name);
        }
    }

    private static long? StepOf(string line)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(line);
            return json.RootElement.GetProperty("step").GetInt64();
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private void Begin(long step)
    {
        _line.SetLength(0);
        _json.Reset(_line);
        _json.WriteStartObject();
        _json.WriteNumber("step"u8, step);
    }

    private void End()
    {
        _json.WriteEndObject();
        _json.Flush();
        _line.WriteByte((byte)'\n');
        _file.Write(_line.GetBuffer(), 0, (int)_line.Length);
    }
}
