using System.Text.Json;
using Xunit;

namespace Engine.Cli.Tests;

public sealed class EvaluateCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("engine-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_checkpoint_has_the_loss_that_the_run_ended_with_and_longer_sequences_have_another()
    {
        string run = Train("llama", "rotary");
        double trained = Evaluate(run, 32);
        double last = File.ReadLines(Path.Combine(run, "metrics.jsonl")).Select(l => JsonDocument.Parse(l).RootElement)
            .Last(e => e.TryGetProperty("val_loss", out _)).GetProperty("val_loss").GetDouble();
        Assert.Equal(last, trained, 1e-6);
        Assert.NotEqual(trained, Evaluate(run, 64), 1e-6);
    }

    [Fact]
    public void Weights_that_do_not_fit_are_refused()
    {
        string run = Train("gpt2", null);
        (int code, _, string error) = Cli.Run("evaluate", "--run", run, "--block-size", "64");
        Assert.Equal(CommandLine.Mistake, code);
        Assert.Contains("wpe.weight", error, StringComparison.Ordinal);
    }

    private string Train(string model, string? positions)
    {
        string run = Path.Combine(_folder.FullName, model);
        string[] options = positions is null ? [] : ["--position-embedding", positions];
        (int code, _, string error) = Cli.Run(
            ["pretrain", "--preset", "tiny", "--model", model, "--steps", "20", "--warmup-steps", "5", "--sample-tokens", "0", "--eval-batches", "3", "--out", run, .. options]);
        Assert.True(code == 0, error);
        return run;
    }

    private static double Evaluate(string run, int length)
    {
        (int code, string output, string error) = Cli.Run("evaluate", "--run", run, "--block-size", $"{length}", "--json");
        Assert.True(code == 0, error);
        return JsonDocument.Parse(output).RootElement.GetProperty("val_loss").GetDouble();
    }
}
