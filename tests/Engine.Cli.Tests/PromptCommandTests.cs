using System.Globalization;
using Xunit;

namespace Engine.Cli.Tests;

public sealed class PromptCommandTests : IDisposable
{
    private static readonly string[] s_verbalizer = ["--verbalizer", "pos=good,fair", "neg=bad"];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("engine-prompt-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Probabilities_of_texts_and_accuracy_of_a_file()
    {
        string run = Path.Combine(_folder.FullName, "run");
        Cli.Result trained = Cli.Run("pretrain", "--preset", "tiny", "--steps", "2", "--warmup_steps", "1", "--eval_batches", "1", "--sample_tokens", "0", "--device", "cpu", "--out", run);
        Assert.True(trained.ExitCode == 0, trained.Error);
        string data = Write("data.csv", "text,label\nTo be,pos\nNot to be,pos\nThat is it,neg\n");
        Cli.Result result = Cli.Run([
            "prompt", "--run", run, "--template", "{text} is {answer}", .. s_verbalizer, "--data", data, "--text", "Hence", "--calibrate", "N", "--length-normalization", "--device", "cpu"]);
        Assert.True(result.ExitCode == 0, result.Error);
        string[] lines = result.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] shares = lines[0].Split(' ');
        Assert.Equal(["Hence:", "pos", "neg"], [shares[0], shares[1], shares[3]]);
        Assert.Equal(1, Share(shares[2].TrimEnd(',')) + Share(shares[4]), 1.01e-4);
        Assert.Matches(@"^accuracy (0\.0000|0\.3333|0\.6667|1\.0000) of 3 sentences; majority 0\.6667$", lines[1]);
        Assert.StartsWith("  pos was called pos ", lines[2]);

        static double Share(string text) => double.Parse(text, CultureInfo.InvariantCulture);
    }

    [Fact]
    public void Mistakes_are_one_sentence()
    {
        string data = Write("data.txt", "pos fine\nodd sad\n");
        Cli.AssertMistake($"{data}:2: the label odd is not among the verbalizer's: pos, neg.", ["prompt", "--run", "r", "--template", "{text} {answer}", .. s_verbalizer, "--data", data]);
        Cli.AssertMistake("engine prompt: nothing to classify; give --data or --text.", ["prompt", "--run", "r", "--template", "{text} {answer}", .. s_verbalizer]);
        Cli.AssertMistake(
            "template '{text}': expected one {text} and behind it one {answer}, for example \"{text} It was {answer}\".",
            ["prompt", "--run", "r", "--template", "{text}", .. s_verbalizer, "--text", "x"]);
        Cli.AssertMistake("r: there is no such run folder.", ["prompt", "--run", "r", "--template", "{text} {answer}", .. s_verbalizer, "--text", "x", "--device", "cpu"]);
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
