using BenchmarkDotNet.Running;

namespace Engine.Benchmarks;

/// <summary>
/// Hands the command line to BenchmarkDotNet: <c>bdn --list flat</c>, <c>bdn --filter '*Softmax*'</c>. The exit code says whether every
/// contestant that was asked for has a figure; one with other results than the plain loop has none.
/// </summary>
internal static class FamilyCommand
{
    public static void Run(string[] options)
    {
        string[] failed = [.. BenchmarkSwitcher.FromAssembly(typeof(FamilyBenchmarks).Assembly).Run(options)
            .SelectMany(summary => summary.Reports).Where(report => !report.Success).Select(report => report.BenchmarkCase.DisplayInfo)];
        if (failed.Length > 0)
        {
            Console.Error.WriteLine($"{failed.Length} without a figure; the log above says why:\n{string.Join('\n', failed)}");
            Environment.ExitCode = 1;
        }
    }
}
