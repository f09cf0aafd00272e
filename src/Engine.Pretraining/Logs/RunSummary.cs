using System.Text.Json;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Training;

namespace Engine.Pretraining.Logs;

/// <summary>A run as its folder tells it, also while it is running or after its process was killed.</summary>
public sealed class RunSummary
{
    // A foreign file may have any keys.
    private const int MostCurves = 64;
    private readonly Dictionary<string, Curve> _curves = [];

    private RunSummary(string path, PretrainConfig config)
    {
        Path = path;
        Config = config;
        Facts = RunFacts.Read(path);
        State = StateOf(path, Facts, config);
        Started = Facts?.Started ?? new DateTimeOffset(File.GetLastWriteTimeUtc(System.IO.Path.Combine(path, RunFolder.ConfigName)), TimeSpan.Zero);
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The folder's name.</summary>
    public string Name => System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(Path)));

    /// <summary>The configuration.</summary>
    public PretrainConfig Config { get; }

    /// <summary>Device, size and times; null for a run that has not said them.</summary>
    public RunFacts? Facts { get; }

    /// <summary>How the run stands.</summary>
    public RunState State { get; }

    /// <summary>When it began.</summary>
    public DateTimeOffset Started { get; }

    /// <summary>Every figure of <c>metrics.jsonl</c> over its steps, by its key: <c>loss</c>, <c>val_loss</c>, <c>mlm_accuracy</c> …</summary>
    public IReadOnlyDictionary<string, Curve> Curves => _curves;

    /// <summary>Steps done.</summary>
    public long Step { get; private set; }

    /// <summary>Lines that are not JSON objects with a step. A last line that was cut off does not count.</summary>
    public long DamagedLines { get; private set; }

    /// <summary>The last value of a figure; NaN if it has none.</summary>
    public double Last(string key) => _curves.TryGetValue(key, out Curve? curve) ? curve.Last : double.NaN;

    /// <summary>Reads a run folder.</summary>
    /// <exception cref="EngineException">It is not there, holds no run, or its configuration is not valid.</exception>
    public static RunSummary Read(string path)
    {
        RunFolder.RequireRun(path);
        RunSummary summary = new(path, ConfigFile.FromEntries(ConfigFile.ReadEntries(System.IO.Path.Combine(path, RunFolder.ConfigName)), null));
        try
        {
            summary.ReadMetrics(System.IO.Path.Combine(path, RunFolder.MetricsName));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"{path}: the metrics cannot be read: {e.Message}", e);
        }

        return summary;
    }

    /// <summary>The runs in a folder, or the folder itself if it is one, oldest first.</summary>
    /// <param name="folder">Usually <c>runs</c>.</param>
    /// <param name="skipped">Told of each folder that is not a run that can be read, in one sentence.</param>
    /// <exception cref="EngineException">There is no such folder.</exception>
    public static IReadOnlyList<RunSummary> ReadAll(string folder, Action<string> skipped)
    {
        ArgumentNullException.ThrowIfNull(skipped);
        if (!Directory.Exists(folder))
        {
            throw new EngineException($"{folder}: there is no such folder.");
        }

        if (File.Exists(System.IO.Path.Combine(folder, RunFolder.ConfigName)))
        {
            return [Read(folder)];
        }

        List<RunSummary> runs = [];
        foreach (string path in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal))
        {
            try
            {
                runs.Add(Read(path));
            }
            catch (EngineException e)
            {
                skipped(e.Message);
            }
        }

        return [.. runs.OrderBy(r => r.Started)];
    }

    private static RunState StateOf(string path, RunFacts? facts, PretrainConfig config)
    {
        if (facts is { State: not RunState.Running })
        {
            return facts.State;
        }

        IReadOnlyList<long> saved = RunFolder.CheckpointsIn(path);
        return RunFolder.IsInUse(path) ? RunState.Running
            : facts is not null ? RunState.Crashed
            : saved.Count > 0 && saved[^1] >= config.MaxSteps ? RunState.Finished : RunState.Stopped;
    }

    private void ReadMetrics(string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        using StreamReader reader = new(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        while (reader.ReadLine() is { } line)
        {
            if (!Add(line) && reader.Peek() >= 0)
            {
                DamagedLines++;
            }
        }
    }

    private bool Add(string line)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(line);
            long step = json.RootElement.GetProperty("step").GetInt64();
            foreach (JsonProperty figure in json.RootElement.EnumerateObject())
            {
                if (figure.Value.ValueKind == JsonValueKind.Number && figure.Name is not ("step" or "batches"))
                {
                    Add(figure.Name, step, figure.Value.GetDouble());
                }
            }

            Step = Math.Max(Step, step);
            return true;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return false;
        }
    }

    private void Add(string name, long step, double value)
    {
        if (!_curves.TryGetValue(name, out Curve? curve) && _curves.Count < MostCurves)
        {
            _curves.Add(name, curve = new Curve());
        }

        curve?.Add(step, value);
    }
}
