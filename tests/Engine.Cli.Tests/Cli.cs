using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Engine.Cli.Tests;

/// <summary>Runs the command: inside the test with captured writers, or as a process as users do.</summary>
internal static partial class Cli
{
    /// <summary>What became of a run; <c>Error</c> without lines of progress.</summary>
    public sealed record Result(int ExitCode, string Out, string Error);

    public static Result Run(params string[] args)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        int exitCode = CommandLine.Run(args, new Host(output, error, Live: false));
        return new Result(exitCode, output.ToString(), WithoutProgress(error.ToString()));
    }

    /// <summary>Standard error without lines of progress, which anything may write on a machine that is busy enough.</summary>
    public static string WithoutProgress(string error) => ProgressLine().Replace(error, string.Empty);

    /// <summary>A user's mistake: exit code 2, one line on standard error, nothing else.</summary>
    public static void AssertMistake(string sentence, params string[] args)
    {
        Result result = Run(args);
        Xunit.Assert.Equal($"error: {sentence}{Environment.NewLine}", result.Error);
        Xunit.Assert.Equal(2, result.ExitCode);
        Xunit.Assert.Empty(result.Out);
    }

    public static Process Start(params string[] args)
    {
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "Engine.Cli" + (OperatingSystem.IsWindows() ? ".exe" : string.Empty)), args)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }

    public static async Task<Result> RunProcess(params string[] args)
    {
        using Process process = Start(args);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new Result(process.ExitCode, await output, WithoutProgress(await error));
    }

    [GeneratedRegex(@"^.*: (\d+:\d\d|done in \d+:\d\d|[^\n]* %(  [^\n]* left)?)\n", RegexOptions.Multiline)]
    private static partial Regex ProgressLine();
}
