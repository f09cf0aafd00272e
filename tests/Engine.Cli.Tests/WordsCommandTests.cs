using Xunit;

namespace Engine.Cli.Tests;

public sealed class WordsCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("engine-words-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Neighbours_analogies_and_similarity_of_a_file()
    {
        string vectors = Write("v.txt", "5 3\nman 1 0 0.2\nwoman 0.8 0.6 0.2\nking 1 0 1\nqueen 0.7 0.7 1\napple 0 0 -1\n");
        string questions = Write("family.txt", "man woman king queen\n");
        string more = Write("more.txt", ": fruit\nman woman pear apple\n");
        string pairs = Write("pairs.txt", "man woman 9\nman apple 1\nking queen 10\n");
        Cli.Result result = Cli.Run("words", "--vectors", vectors, "--near", "king", "--analogies", questions, more, "--similarity", pairs);
        Assert.Equal(
            (0, "king: queen 0.854, man 0.832, woman 0.693, apple -0.707\nfamily.txt: 1 of 1 right, of 1 questions\nfruit: 0 of 0 right, of 1 questions\n" +
            "all: 1 of 1 right, of 2 questions\npairs.txt: Spearman 1.0000 over 3 of 3 pairs\n"),
            (result.ExitCode, result.Out));
    }

    [Fact]
    public void Mistakes_are_one_sentence()
    {
        string vectors = Write("v.txt", "1 2\na 1 2\n");
        Cli.AssertMistake($"{vectors}: has no vector for 'b'.", "words", "--vectors", vectors, "--near", "b");
        Cli.AssertMistake($"{vectors}: line 1 has 2 words; expected four, or a section's name behind a colon.", "words", "--vectors", vectors, "--analogies", vectors);
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
