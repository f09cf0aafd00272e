using System.Diagnostics;
using Engine.Testing;
using Xunit;

namespace Engine.Cli.Tests;

/// <summary>The program in the README is the one in the repository, and it runs.</summary>
public sealed class SampleTests
{
    [Fact]
    public void The_readme_shows_the_sample_as_it_is()
    {
        string readme = File.ReadAllText(Path.Combine(Fixture.RepositoryRoot, "README.md"));
        string sample = File.ReadAllText(Path.Combine(Fixture.RepositoryRoot, "samples", "Xor", "Program.cs"));
        Assert.Contains($"```csharp\n{sample}```", readme);
    }

    [Fact]
    public async Task The_sample_learns()
    {
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "Xor" + (OperatingSystem.IsWindows() ? ".exe" : string.Empty)))
        {
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        string[] lines = (await process.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        float[] losses = [.. lines.Select(float.Parse)];
        Assert.Equal(4, losses.Length);
        Assert.InRange(losses[0], 0.5f, 1.0f); // ln 2 = 0.69 for a coin toss
        Assert.True(losses[^1] < 0.01f, $"loss {losses[^1]}");
    }
}
