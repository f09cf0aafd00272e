using System.Diagnostics;
using Engine.Testing;
using Xunit;

namespace Engine.Cli.Tests;

/// <summary>The programs in the README are those in the repository, and they run.</summary>
public sealed class SampleTests
{
    [Theory]
    [InlineData("Xor")]
    [InlineData("UserKernel")]
    public void The_readme_shows_the_sample_as_it_is(string name)
    {
        string readme = File.ReadAllText(Path.Combine(Fixture.RepositoryRoot, "README.md"));
        string sample = File.ReadAllText(Path.Combine(Fixture.RepositoryRoot, "samples", name, "Program.cs"));
        Assert.Contains($"```csharp\n{sample}```", readme);
        Assert.True(sample.Count(c => c == '\n') < 60, "a sample is a page");
    }

    [Fact]
    public async Task The_sample_learns()
    {
        float[] losses = [.. (await Run("Xor")).Select(float.Parse)];
        Assert.Equal(4, losses.Length);
        Assert.InRange(losses[0], 0.5f, 1.0f); // ln 2 = 0.69 for a coin toss
        Assert.True(losses[^1] < 0.01f, $"loss {losses[^1]}");
    }

    [Fact]
    public async Task A_users_kernel_runs_on_every_device_and_its_gradient_is_right()
    {
        string[] lines = await Run("UserKernel");
        Assert.Equal(Device.List().Where(d => d.Problem is null).Select(d => d.Name), lines.Select(line => line[..line.IndexOf(": ", StringComparison.Ordinal)]));
        Assert.All(lines, line =>
        {
            string[] parts = line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..].Split("; gradient off by ");
            float[] y = [.. parts[0].Split(' ').Select(float.Parse)];
            float[] expected = [.. new[] { -2f, -0.5f, 0f, 0.25f, 3f }.Select(x => x + (MathF.Pow(MathF.Sin(2f * x), 2f) / 2f))];
            Assert.All(y.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-4f));
            Assert.True(float.Parse(parts[1]) < 1e-3f, line);
        });
    }

    private static async Task<string[]> Run(string sample)
    {
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, sample + (OperatingSystem.IsWindows() ? ".exe" : string.Empty)))
        {
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
