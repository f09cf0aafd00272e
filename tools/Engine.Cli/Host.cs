namespace Engine.Cli;

/// <summary>What the command talks to: the console, or writers in tests.</summary>
/// <param name="Out">Results.</param>
/// <param name="Error">Mistakes and notices.</param>
/// <param name="Live">Whether <paramref name="Out"/> is a terminal that can redraw lines.</param>
/// <param name="LiveError">Whether <paramref name="Error"/> is one; progress is shown there, so that results can go into a file.</param>
internal sealed record Host(TextWriter Out, TextWriter Error, bool Live, bool LiveError = false)
{
    /// <summary>The console of this process.</summary>
    public static Host Console() => new(
        System.Console.Out,
        System.Console.Error,
        !System.Console.IsOutputRedirected && CanRedraw,
        !System.Console.IsErrorRedirected && CanRedraw);

    private static bool CanRedraw => Environment.GetEnvironmentVariable("TERM") != "dumb";
}
