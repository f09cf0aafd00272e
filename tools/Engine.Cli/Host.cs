namespace Engine.Cli;

/// <summary>What the command talks to: the console, or writers in tests.</summary>
/// <param name="Out">Results.</param>
/// <param name="Error">Mistakes and notices.</param>
/// <param name="Live">Whether <paramref name="Out"/> is a terminal that can redraw lines.</param>
internal sealed record Host(TextWriter Out, TextWriter Error, bool Live)
{
    /// <summary>The console of this process.</summary>
    public static Host Console() => new(
        System.Console.Out,
        System.Console.Error,
        !System.Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb");
}
