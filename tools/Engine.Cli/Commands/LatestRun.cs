namespace Engine.Cli.Commands;

/// <summary>The run that a command means when none is named.</summary>
internal static class LatestRun
{
    /// <summary>The folder under <c>runs</c> whose checkpoints changed last.</summary>
    /// <param name="command">Who asks, for the message.</param>
    /// <exception cref="EngineException">There is none.</exception>
    public static string For(string command) =>
        (Directory.Exists("runs") ? Directory.EnumerateDirectories("runs") : [])
            .Where(run => Directory.Exists(Path.Combine(run, "checkpoints")))
            .MaxBy(run => Directory.GetLastWriteTimeUtc(Path.Combine(run, "checkpoints")))
        ?? throw new EngineException($"{command}: there is no run under runs/; train one with `engine pretrain`, or name one with --run.");
}
