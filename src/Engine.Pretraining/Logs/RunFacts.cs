using System.Text.Json;
using Engine.Pretraining.Training;
using Engine.Serialization;

namespace Engine.Pretraining.Logs;

/// <summary>How a run stands.</summary>
public enum RunState
{
    /// <summary>A process is training it.</summary>
    Running,

    /// <summary>It has reached its last step.</summary>
    Finished,

    /// <summary>It was asked to stop, and was saved.</summary>
    Stopped,

    /// <summary>It ended with an error, for example a loss that is not finite.</summary>
    Failed,

    /// <summary>Its process is gone without a word.</summary>
    Crashed,
}

/// <summary>What a run folder's <c>run.json</c> says beyond the configuration: where the run was trained and how it stands.</summary>
/// <param name="State">As of the last word of its process.</param>
/// <param name="Device">Name of the device.</param>
/// <param name="Parameters">Trainable values.</param>
/// <param name="TrainTokens">Tokens of the training split.</param>
/// <param name="ValidationTokens">Tokens of the validation split.</param>
/// <param name="Started">When the run began.</param>
/// <param name="Elapsed">Wall time of all its processes that came to their end.</param>
public sealed record RunFacts(
    RunState State, string Device, long Parameters, long TrainTokens, long ValidationTokens, DateTimeOffset Started, TimeSpan Elapsed)
{
    private const string FileName = "run.json";

    /// <summary>Writes the file of a run folder.</summary>
    /// <exception cref="EngineException">It cannot be written.</exception>
    public void Write(string folder) => AtomicFile.Write(Path.Combine(folder, FileName), stream =>
    {
        using Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("state", NameOf(State));
        json.WriteString("device", Device);
        json.WriteNumber("parameters", Parameters);
        json.WriteNumber("train_tokens", TrainTokens);
        json.WriteNumber("val_tokens", ValidationTokens);
        json.WriteString("started", Started);
        json.WriteNumber("elapsed_seconds", Math.Round(Elapsed.TotalSeconds, 3));
        json.WriteEndObject();
    });

    /// <summary>Reads the file of a run folder; null if there is none or it is damaged, as nothing depends on it.</summary>
    public static RunFacts? Read(string folder)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, FileName)));
            JsonElement json = document.RootElement;
            string state = json.GetProperty("state").GetString() ?? string.Empty;
            return new RunFacts(
                Enum.GetValues<RunState>().First(s => NameOf(s) == state),
                json.GetProperty("device").GetString() ?? string.Empty,
                json.GetProperty("parameters").GetInt64(),
                json.GetProperty("train_tokens").GetInt64(),
                json.GetProperty("val_tokens").GetInt64(),
                json.GetProperty("started").GetDateTimeOffset(),
                TimeSpan.FromSeconds(json.GetProperty("elapsed_seconds").GetDouble()));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException
            or FormatException or OverflowException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>A state as files and tables spell it: <c>finished</c>.</summary>
    public static string NameOf(RunState state) => state switch
    {
        RunState.Running => "running",
        RunState.Finished => "finished",
        RunState.Stopped => "stopped",
        RunState.Failed => "failed",
        _ => "crashed",
    };

    /// <summary>The facts of a run that begins or goes on.</summary>
    internal static RunFacts Of(in RunStart start, RunFacts? before) => new(
        RunState.Running, start.Device, start.ParameterCount, start.TrainTokens, start.ValidationTokens,
        before?.Started ?? DateTimeOffset.UtcNow, before?.Elapsed ?? TimeSpan.Zero);
}
