using Engine.Pretraining.Configuration;
using Engine.Pretraining.Data;
using Xunit;

namespace Engine.Cli.Tests;

public sealed class PrepareCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("engine-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_prepared_shard_can_be_trained_on()
    {
        string shard = Path.Combine(_folder.FullName, "a.tokens");
        Assert.Equal(new Cli.Result(0, $"{shard}: 1115394 tokens, vocabulary of 65\n", ""), Cli.Run("prepare", "--out", shard));
        using PretrainData data = PretrainData.Open(new PretrainConfig { Data = shard });
        Assert.Equal(1003854, data.Dataset.Training.Count);
    }

    [Fact]
    public void Mistakes_are_sentences()
    {
        string shard = Path.Combine(_folder.FullName, "a.tokens");
        string missing = Path.Combine(_folder.FullName, "no.txt");
        Cli.AssertMistake("engine prepare: Option '--out' is required.", "prepare");
        Cli.AssertMistake($"{missing}: there is no such corpus file.", "prepare", "--data", missing, "--out", shard);
        Cli.AssertMistake("tokenizer: unknown kind bpe; expected char or byte.", "prepare", "--tokenizer", "bpe", "--out", shard);
        Cli.AssertMistake($"{missing}: the name of a token shard must end in .tokens.", "prepare", "--out", missing);
        string nowhere = Path.Combine(_folder.FullName, "no", "a.tokens");
        Cli.Result result = Cli.Run("prepare", "--out", nowhere);
        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith($"error: {nowhere}.json: cannot be written: ", result.Error);
    }
}
