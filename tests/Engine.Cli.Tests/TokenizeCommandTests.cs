using Xunit;

namespace Engine.Cli.Tests;

public sealed class TokenizeCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("engine-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("bpe", 600)]
    [InlineData("wordpiece", 300)]
    [InlineData("unigram", 600)]
    public void A_vocabulary_is_learned_and_used(string kind, int vocabSize)
    {
        string text = Path.Combine(_folder.FullName, "t.txt");
        File.WriteAllText(text, string.Concat(Enumerable.Repeat("the cat sat on the mat\nthe dog sat on the log\n", 30)));
        string file = Path.Combine(_folder.FullName, "t.json");
        Cli.Result learned = Cli.Run("tokenize", "train", "--kind", kind, "--data", text, "--vocab-size", $"{vocabSize}", "--out", file);
        Assert.Equal((0, true), (learned.ExitCode, learned.Out.StartsWith($"{file}: {kind}, vocabulary of ", StringComparison.Ordinal)));
        string ids = Cli.Run("tokenize", "encode", "--tokenizer", file, "--text", "the cat sat").Out;
        Assert.Equal("the cat sat\n", Cli.Run("tokenize", "decode", "--tokenizer", file, "--ids", ids).Out);
        string[] lines = Cli.Run("tokenize", "inspect", "--tokenizer", file, "--text", "the cat sat").Out.TrimEnd('\n').Split('\n');
        Assert.Equal(ids.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), lines.Skip(1).Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0]));
        Assert.StartsWith($"kind {kind}, vocabulary of ", Cli.Run("tokenize", "inspect", "--tokenizer", file).Out);
        string shard = Path.Combine(_folder.FullName, "t.tokens");
        Assert.Equal(0, Cli.Run("tokenize", "encode", "--tokenizer", file, "--data", text, "--out", shard).ExitCode);
        string back = Cli.Run("tokenize", "decode", "--tokenizer", file, "--data", shard).Out;
        Assert.Equal(kind == "wordpiece" ? File.ReadAllText(text).Replace('\n', ' ').Trim() : File.ReadAllText(text), back);
    }

    [Fact]
    public void Mistakes_are_sentences()
    {
        string folder = _folder.FullName;
        string file = Path.Combine(folder, "t.json");
        Cli.Run("tokenize", "train", "--kind", "char", "--out", file);
        string missing = Path.Combine(folder, "no.json");
        Cli.AssertMistake($"{missing}: the tokenizer cannot be read: Could not find file '{missing}'.", "tokenize", "inspect", "--tokenizer", missing);
        Cli.AssertMistake("engine tokenize: expected either --text or --data.", "tokenize", "encode", "--tokenizer", file);
        Cli.AssertMistake("--ids: 'x' is not a token id.", "tokenize", "decode", "--tokenizer", file, "--ids", "1 x");
        Cli.AssertMistake("char tokenizer: token 99 at position 1 is not in the vocabulary of 65 characters.", "tokenize", "decode", "--tokenizer", file, "--ids", "1,99");
        Cli.AssertMistake(
            "tokenize train: there is no vocabulary of kind morse to learn; expected one of char, bpe, metaspace, wordpiece, word, unigram.", "tokenize", "train", "--kind", "morse", "--out", file);
    }
}
