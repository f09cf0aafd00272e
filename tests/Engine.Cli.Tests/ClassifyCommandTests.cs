using System.Text.Json;
using Xunit;

namespace Engine.Cli.Tests;

public sealed class ClassifyCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("engine-classify-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_probe_beside_random_weights_in_one_command()
    {
        string data = Write("train.tsv", string.Concat(Enumerable.Repeat("good\tTo be noble\nbad\tThat is the question\n", 8)));
        string run = Train();
        Cli.Result result = Cli.Run("classify", "--run", run, "--data", data, "--test", data, "--freeze", "--compare-random", "--seeds", "2", "--device", "cpu");
        Assert.True(result.ExitCode == 0, result.Error);
        string[] lines = result.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.EndsWith("probe of the frozen encoder: 16 sentences to train on, 16 to test, 2 classes", lines[0]);
        Assert.Equal(
            ["pre-trained  accuracy 1.0000 ± 0.0000 over 2 seeds", "random       accuracy 1.0000 ± 0.0000 over 2 seeds", "majority     accuracy 0.5000"], lines[1..4]);
        Assert.Equal(
            ["pre-trained, seed 1: true class, then how often it was called bad, good", "  bad: 8, 0", "  good: 0, 8"], lines[4..7]);
        Cli.Result json = Cli.Run("classify", "--run", run, "--data", data, "--test", data, "--seeds", "1", "--pooling", "mean", "--device", "cpu", "--json");
        JsonElement root = JsonDocument.Parse(json.Out).RootElement;
        Assert.False(root.GetProperty("freeze").GetBoolean());
        Assert.Equal(1, root.GetProperty("pre-trained").GetProperty("accuracies").GetArrayLength());
    }

    [Fact]
    public void Mistakes_are_one_sentence()
    {
        string bad = Write("bad.txt", "1 fine\nnothing\n");
        string good = Write("good.txt", "1 fine\n0 bad\n");
        Cli.AssertMistake($"{bad}:2: has only 'nothing'; expected a label, a blank and a sentence.", "classify", "--run", "r", "--data", bad, "--test", good);
        Cli.AssertMistake($"{good}.gone: there is no such corpus file.", "classify", "--run", "r", "--data", good, "--test", good + ".gone");
        Cli.AssertMistake("nowhere: there is no such run folder.", "classify", "--run", "nowhere", "--data", good, "--test", good, "--device", "cpu");
        Cli.AssertMistake("engine classify: Option '--data' is required.", "classify", "--test", good);
        Cli.AssertMistake("engine classify: --seeds = 0 is not allowed; expected a whole number from 1 to 1000.", "classify", "--data", good, "--test", good, "--seeds", "0");
        Cli.AssertMistake("engine classify: --pooling = max is not allowed; expected mean, cls or last.", "classify", "--data", good, "--test", good, "--pooling", "max");
    }

    private string Train()
    {
        string run = Path.Combine(_folder.FullName, "run");
        Cli.Result result = Cli.Run(
            "pretrain", "--preset", "word2vec", "--max_steps", "1", "--n_embd", "16", "--device", "cpu", "--min_frequency", "20", "--out", run, "--eval_batches", "1");
        Assert.True(result.ExitCode == 0, result.Error);
        return run;
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
