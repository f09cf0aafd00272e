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
    public void A_vocabulary_is_trained_to_the_size_asked_for()
    {
        string shard = Path.Combine(_folder.FullName, "a.tokens");
        Cli.Result result = Cli.Run("prepare", "--tokenizer", "bpe", "--vocab-size", "400", "--extra-ids", "10", "--out", shard);
        Assert.EndsWith(" tokens, vocabulary of 400\n", result.Out);
        using PretrainData data = PretrainData.Open(new PretrainConfig { Data = shard, Tokenizer = "bpe" });
        Assert.Equal(10, data.Tokenizer.SpecialTokens.Sentinels.Count);
    }

    [Fact]
    public void Mistakes_are_sentences()
    {
        string shard = Path.Combine(_folder.FullName, "a.tokens");
        string missing = Path.Combine(_folder.FullName, "no.txt");
        Cli.AssertMistake("engine prepare: Option '--out' is required.", "prepare");
        Cli.AssertMistake($"{missing}: there is no such corpus file.", "prepare", "--data", missing, "--out", shard);
        Cli.AssertMistake("tokenizer: unknown kind morse; expected one of char, byte, bpe, metaspace, wordpiece, word, unigram, or the path of a tokenizer's file (.json, .model, .tiktoken, .txt, .bin) or of a model's folder (with a / in it).", "prepare", "--tokenizer", "morse", "--out", shard);
        Cli.AssertMistake($"{missing}: the name of a token shard must end in .tokens.", "prepare", "--out", missing);
        string nowhere = Path.Combine(_folder.FullName, "no", "a.tokens");
        Cli.Result result = Cli.Run("prepare", "--out", nowhere);
        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith($"error: {nowhere}.json: cannot be written: ", result.Error);
    }
}
