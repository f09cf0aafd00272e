using System.Diagnostics;
using System.Text.RegularExpressions;
using Xunit;

namespace Engine.Cli.Tests;

/// <summary>Kills the real command without warning, again and again, and demands the bits of a run that was left alone.</summary>
public sealed class KillTests : IDisposable
{
    private static readonly string[] s_settings =
        ["--preset", "tiny", "--steps", "1500", "--checkpoint-every", "30", "--dropout", "0.1", "--eval_interval", "300", "--eval_batches", "2", "--sample_tokens", "5", "--threads", "1"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("engine-test-");

    private string Whole => Path.Combine(_folder.FullName, "whole");

    private string Parts => Path.Combine(_folder.FullName, "parts");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_run_killed_at_any_moment_goes_on_bit_for_bit()
    {
        Cli.Result whole = await Cli.RunProcess(["pretrain", .. s_settings, "--out", Whole]);
        Assert.True(whole.ExitCode == 0, whole.Error);
        RandomStream random = new(11, 1);
        int kills = 0;
        for (int attempt = 0; attempt < 100 && !Finished(Parts); attempt++)
        {
            // A run that was killed before it had written its configuration left nothing to resume.
            string[] how = File.Exists(Path.Combine(Parts, "config.json")) ? ["--resume", Parts] : [.. s_settings, "--out", Parts];
            using Process process = Cli.Start(["pretrain", .. how]);
            Task<string> error = process.StandardError.ReadToEndAsync();
            Task<string> output = process.StandardOutput.ReadToEndAsync();

            // Anywhere from the start of the process to some checkpoints later; rarely to the end. Later attempts live longer, so
            // that a machine too busy to reach a checkpoint within a second still comes to the end.
            if (!process.WaitForExit(TimeSpan.FromMilliseconds(150 + random.NextInt(1000 + (100 * attempt)))))
            {
                process.Kill();
                process.WaitForExit();
                kills++;
                Assert.Empty(Cli.WithoutProgress(await error));
                continue;
            }

            Assert.True(process.ExitCode == 0, await error);
            await output;
        }

        Assert.True(kills > 0, "the run was never killed; it has become too fast for this test");
        Assert.True(Finished(Parts));
        foreach (string file in new[] { "model.safetensors", "optimizer.safetensors" })
        {
            string path = Path.Combine("checkpoints", "step-0001500", file);
            Assert.Equal(File.ReadAllBytes(Path.Combine(Whole, path)), File.ReadAllBytes(Path.Combine(Parts, path)));
        }

        Assert.Equal(Metrics(Whole), Metrics(Parts));
    }

    private static bool Finished(string run) => Directory.Exists(Path.Combine(run, "checkpoints", "step-0001500"));

    private static string[] Metrics(string run) => [.. File.ReadAllLines(Path.Combine(run, "metrics.jsonl"))
        .Select(line => Regex.Replace(line, ",\"(tokens_per_second|memory_bytes)\":[0-9.E+]*", string.Empty))];
}
