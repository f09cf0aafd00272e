using System.Globalization;

namespace Engine.Pretraining.Training;

/// <summary>
/// The folder of one run: <c>config.json</c>, <c>run.json</c>, <c>metrics.jsonl</c>, TensorBoard's event files,
/// <c>checkpoints/step-…</c>, <c>samples/</c>, <c>report.html</c>. It is locked while a process uses it; the system drops the lock when the process dies, however it dies.
/// </summary>
public sealed class RunFolder : IDisposable
{
    /// <summary>The configuration's name in a run folder.</summary>
    internal const string ConfigName = "config.json";

    /// <summary>The metrics' name in a run folder.</summary>
    internal const string MetricsName = "metrics.jsonl";

    /// <summary>The name of the folder of samples in a run folder.</summary>
    internal const string SamplesName = "samples";

    private const string CheckpointPrefix = "step-";
    private const string LockName = "run.lock";
    private readonly FileStream _lock;

    private RunFolder(string path, FileStream folderLock)
    {
        Path = path;
        _lock = folderLock;
    }

    /// <summary>The folder's full path.</summary>
    public string Path { get; }

    /// <summary>The run's configuration.</summary>
    public string ConfigFile => System.IO.Path.Combine(Path, ConfigName);

    /// <summary>One JSON object for each step and evaluation.</summary>
    public string MetricsFile => System.IO.Path.Combine(Path, MetricsName);

    /// <summary>The trace of a profile.</summary>
    public string TraceFile => System.IO.Path.Combine(Path, "trace.json");

    /// <summary>Where checkpoints are.</summary>
    public string CheckpointsFolder => System.IO.Path.Combine(Path, "checkpoints");

    /// <summary>Where samples are.</summary>
    public string SamplesFolder => System.IO.Path.Combine(Path, SamplesName);

    /// <summary>Opens a folder for a new run, making it if need be.</summary>
    /// <exception cref="EngineException">It holds a run already, is in use, or cannot be written.</exception>
    public static RunFolder Create(string path)
    {
        RunFolder folder = OpenLocked(path, create: true);
        if (File.Exists(folder.ConfigFile) || CheckpointsIn(folder.Path).Count > 0)
        {
            folder.Dispose();
            throw new EngineException($"{path}: the folder already holds a run; continue it with --resume {path}, or choose another folder with --out.");
        }

        return folder;
    }

    /// <summary>Opens the folder of a run to continue it.</summary>
    /// <exception cref="EngineException">It does not exist, holds no run, is in use, or cannot be written.</exception>
    public static RunFolder Open(string path)
    {
        RequireRun(path);
        return OpenLocked(path, create: false);
    }

    /// <summary>The first free name <c>runs/NAME-001</c>, <c>-002</c> … under the current folder.</summary>
    public static string NextFree(string name)
    {
        for (int i = 1; ; i++)
        {
            string path = System.IO.Path.Combine("runs", $"{name}-{i:000}");
            if (!Directory.Exists(path))
            {
                return path;
            }
        }
    }

    /// <summary>The steps that have a complete checkpoint, oldest first. Unfinished ones have other names and are not seen.</summary>
    public static IReadOnlyList<long> CheckpointsIn(string run)
    {
        string folder = System.IO.Path.Combine(run, "checkpoints");
        if (!Directory.Exists(folder))
        {
            return [];
        }

        return
        [
            .. Directory.EnumerateDirectories(folder, CheckpointPrefix + "*")
                .Select(path => long.TryParse(System.IO.Path.GetFileName(path)[CheckpointPrefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out long step) ? step : -1)
                .Where(step => step >= 0)
                .Order(),
        ];
    }

    /// <summary>The folder of one checkpoint of a run.</summary>
    public static string CheckpointPath(string run, long step) =>
        System.IO.Path.Combine(run, "checkpoints", CheckpointPrefix + step.ToString("0000000", CultureInfo.InvariantCulture));

    /// <summary>The newest checkpoint of a run.</summary>
    /// <exception cref="EngineException">There is no run or no checkpoint.</exception>
    public static string LatestCheckpoint(string run)
    {
        RequireRun(run);
        IReadOnlyList<long> steps = CheckpointsIn(run);
        return steps.Count > 0
            ? CheckpointPath(run, steps[^1])
            : throw new EngineException($"{run}: the run has no checkpoint yet; start it anew, or let it reach its first checkpoint.");
    }

    /// <summary>Lets another process use the folder.</summary>
    public void Dispose() => _lock.Dispose();

    /// <summary>Whether a process has the folder open.</summary>
    internal static bool IsInUse(string path)
    {
        try
        {
            new FileStream(System.IO.Path.Combine(path, LockName), FileMode.Open, FileAccess.Read, FileShare.Read).Dispose();
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>Makes sure that a folder holds a run.</summary>
    /// <exception cref="EngineException">It does not.</exception>
    internal static void RequireRun(string path)
    {
        if (!Directory.Exists(path))
        {
            throw new EngineException($"{path}: there is no such run folder.");
        }

        if (!File.Exists(System.IO.Path.Combine(path, ConfigName)))
        {
            throw new EngineException($"{path}: the folder holds no run (it has no config.json).");
        }
    }

    private static RunFolder OpenLocked(string path, bool create)
    {
        try
        {
            string full = System.IO.Path.GetFullPath(path);
            if (create)
            {
                Directory.CreateDirectory(full);
            }

            string lockFile = System.IO.Path.Combine(full, LockName);
            try
            {
                return new RunFolder(full, new FileStream(lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException e) when (File.Exists(lockFile) && e is not DirectoryNotFoundException)
            {
                throw new EngineException($"{path}: the run is in use by another process; wait for it or choose another folder.", e);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"{path}: the run folder cannot be written: {e.Message}", e);
        }
    }
}
