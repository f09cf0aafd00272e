using Engine.Pretraining.Data;
using Engine.Pretraining.Tokenizers;
using Xunit;

namespace Engine.Pretraining.Tests.Data;

public sealed class CorpusTests
{
    [Fact]
    public void The_built_in_corpus_is_the_stored_one()
    {
        Corpus corpus = Corpus.Load(Corpus.TinyShakespeare);
        Assert.Equal(1115394, corpus.Text.Length);
        Assert.Equal(65, CharTokenizer.FromText(corpus.Text).VocabSize);
        Assert.StartsWith("First Citizen:\nBefore we proceed any further, hear me speak.\n", corpus.Text);
    }

    [Fact]
    public void A_file_is_read_as_it_stands_without_its_mark()
    {
        using TemporaryFolder folder = new();
        Assert.Equal("é\r\n🙂\n", Corpus.Load(folder.Write("a.txt", "\uFEFFé\r\n🙂\n"u8)).Text);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        using TemporaryFolder folder = new();
        AssertRefused(folder.File("no.txt"), "there is no such corpus file.");
        AssertRefused(folder.File("no/no.txt"), "there is no such corpus file.");
    }

    [Fact]
    public void A_folder_is_no_corpus()
    {
        using TemporaryFolder folder = new();
        AssertRefused(folder.Path, "is a folder; the corpus must be one text file.");
    }

    [Fact]
    public void An_empty_file_is_refused()
    {
        using TemporaryFolder folder = new();
        AssertRefused(folder.Write("a.txt", []), "the corpus is empty.");
        AssertRefused(folder.Write("b.txt", "\uFEFF"u8), "the corpus is empty.");
    }

    [Fact]
    public void Binary_files_are_refused_with_the_byte()
    {
        using TemporaryFolder folder = new();
        AssertRefused(folder.Write("a.bin", "ab\0c"u8), "is not text: byte 2 is zero; the corpus must be UTF-8 text.");
        AssertRefused(folder.Write("b.bin", [97, 98, 99, 0xFF, 0xFE]), "is not text: byte 3 does not continue valid UTF-8; the corpus must be UTF-8 text.");
        AssertRefused(folder.Write("c.bin", [0xEF, 0xBB, 0xBF, 97, 0xC3]), "is not text: byte 4 does not continue valid UTF-8; the corpus must be UTF-8 text.");
    }

    [Fact]
    public void A_file_that_may_not_be_read_is_refused()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess || OperatingSystem.IsWindows(), "permissions do not bind this user");
        using TemporaryFolder folder = new();
        string path = folder.Write("a.txt", "text"u8);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.None);
        }

        AssertRefused(path, "the corpus cannot be read: permission denied.");
    }

    [Fact]
    public void A_file_that_another_process_has_locked_is_refused()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("a.txt", "text"u8);
        using FileStream held = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        Assert.StartsWith(path + ": the corpus cannot be read: ", Assert.Throws<EngineException>(() => Corpus.Load(path)).Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    public void A_name_that_cannot_be_a_file_is_refused(string path) =>
        Assert.Contains("corpus", Assert.Throws<EngineException>(() => Corpus.Load(path)).Message);

    private static void AssertRefused(string path, string message) =>
        Assert.Equal($"{path}: {message}", Assert.Throws<EngineException>(() => Corpus.Load(path)).Message);
}
