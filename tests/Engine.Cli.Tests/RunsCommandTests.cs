using System.Text.Json;
using Xunit;

namespace Engine.Cli.Tests;

public sealed class RunsCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("engine-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Runs_are_listed_shown_compared_and_reported()
    {
        string a = Train("a"), b = Train("b", "--learning-rate", "2e-3");
        Directory.CreateDirectory(File("not-a-run"));
        System.IO.File.AppendAllText(Path.Combine(b, "metrics.jsonl"), "{\"step\":9,\"lo");

        Cli.Result list = Cli.Run("runs", "list", _folder.FullName);
        string[] lines = list.Out.TrimEnd('\n').Split('\n');
        Assert.Equal("run  state     objective  model  preset  steps    loss  val loss  tokens/s  started (UTC)", lines[0]);
        Assert.Equal(["a", "finished", "clm", "gpt2", "tiny", "8/8"], Words(lines[1])[..6]);
        Assert.Equal("b", Words(lines[2])[0]);
        Assert.Equal($"skipped: {File("not-a-run")}: the folder holds no run (it has no config.json).\n", list.Error);

        JsonElement[] objects = [.. Cli.Run("runs", "list", _folder.FullName, "--json").Out.TrimEnd('\n').Split('\n').Select(l => JsonDocument.Parse(l).RootElement)];
        Assert.Equal([a, b], objects.Select(o => o.GetProperty("run").GetString()));
        Assert.All(objects, o => Assert.True(o.GetProperty("val_loss").GetDouble() > 0));

        Cli.Result show = Cli.Run("runs", "show", b);
        Assert.Contains("b: clm with gpt2, finished after step 8 of 8\n", show.Out);
        Assert.Contains("loss: • validation, x training\n", show.Out);
        Assert.Matches("\n  learning_rate: 0\\.[0-9]+ → 0\\.002\n", show.Out);
        JsonElement whole = JsonDocument.Parse(Cli.Run("runs", "show", b, "--json").Out).RootElement;
        Assert.Equal(8, whole.GetProperty("curves").GetProperty("loss").GetArrayLength());
        Assert.Equal(0.002, whole.GetProperty("config").GetProperty("learning_rate").GetDouble());

        string page = File("both.html"), drawing = File("both.svg");
        Cli.Result compare = Cli.Run("runs", "compare", a, b, "--output", page);
        Assert.Contains("val_loss: • a, x b\n", compare.Out);
        Assert.Matches(@"learning_rate +0\.[0-9]+ +0\.002\n", compare.Out);
        Assert.Contains("Loss (nats), validation", System.IO.File.ReadAllText(page));
        Assert.Contains("grad_norm: • a, x b\n", Cli.Run("runs", "compare", a, b, "--figure", "grad_norm", "--output", drawing).Out);
        Assert.StartsWith("<svg ", System.IO.File.ReadAllText(drawing));

        System.IO.File.Delete(Path.Combine(a, "report.html"));
        Assert.Equal(0, Cli.Run("runs", "report", a).ExitCode);
        Assert.True(System.IO.File.Exists(Path.Combine(a, "report.html")));

        Cli.AssertMistake("engine runs compare: runs given: 1; expected 2 to 8.", "runs", "compare", a);
        Cli.AssertMistake($"{File("both.png")}: cannot be written as .png; expected a name that ends with .html or .svg.", "runs", "compare", a, b, "--output", File("both.png"));
        Assert.StartsWith("error: engine runs compare: no run has the figure val_los. Did you mean val_loss?", Cli.Run("runs", "compare", a, b, "--figure", "val_los").Error);
    }

    [Fact]
    public void What_is_not_there_is_one_sentence()
    {
        Cli.AssertMistake($"{File("x")}: there is no such folder.", "runs", "list", File("x"));
        Cli.AssertMistake($"{File("x")}: there is no such run folder.", "runs", "show", File("x"));
        Cli.AssertMistake($"{_folder.FullName}: the folder holds no run (it has no config.json).", "runs", "report", _folder.FullName);
        Assert.StartsWith("run  state", Cli.Run("runs", "list", _folder.FullName).Out);
    }

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private string File(string name) => Path.Combine(_folder.FullName, name);

    private string Train(string name, params string[] more)
    {
        Cli.Result result = Cli.Run(["pretrain", "--preset", "tiny", "--steps", "8", "--warmup-steps", "2", "--eval_batches", "2", "--eval_interval", "4", "--threads", "1", "--out", File(name), .. more]);
        Assert.True(result.ExitCode == 0, result.Error);
        return File(name);
    }
}
