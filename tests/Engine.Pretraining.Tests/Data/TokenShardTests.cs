using Engine.Pretraining.Data;
using Engine.Pretraining.Tokenizers;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Pretraining.Tests.Data;

public sealed class TokenShardTests
{
    [Theory]
    [InlineData(256, 2)]
    [InlineData(65536, 2)]
    [InlineData(65537, 4)]
    [InlineData(int.MaxValue, 4)]
    public void Any_tokens_round_trip(int vocabSize, int width)
    {
        using TemporaryFolder folder = new();
        Vocabulary vocabulary = new(vocabSize);
        Prop.ForAll(ArbMap.Default.ArbFor<NonNegativeInt[]>(), ArbMap.Default.ArbFor<NonNegativeInt>(), (values, cut) =>
        {
            int[] tokens = [.. values.Select(v => v.Get % vocabSize), vocabSize - 1];
            TokenShardWriter.Write(folder.File("a.tokens"), vocabulary, writer =>
            {
                int at = cut.Get % tokens.Length;
                writer.Append(tokens.AsSpan(0, at));
                writer.Append(tokens.AsSpan(at));
            });
            using TokenShard shard = TokenShard.Open(folder.File("a.tokens"), vocabulary);
            shard.Verify();
            int[] read = new int[tokens.Length];
            shard.Read(0, read);
            int[] tail = new int[1];
            shard.Read(tokens.Length - 1, tail);
            return shard.Header.Width == width && shard.Count == tokens.Length && read.SequenceEqual(tokens) && tail[0] == vocabSize - 1;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(20));
    }

    [Fact]
    public void Pieces_longer_than_the_buffer_are_written_whole()
    {
        using TemporaryFolder folder = new();
        int[] tokens = [.. Enumerable.Range(0, 100_003).Select(i => i % 256)];
        TokenShardWriter.Write(folder.File("a.tokens"), new ByteTokenizer(), writer => writer.Append(tokens));
        using TokenShard shard = TokenShard.Open(folder.File("a.tokens"));
        int[] read = new int[tokens.Length];
        shard.Read(0, read);
        shard.Verify();
        Assert.Equal(tokens, read);
    }

    [Fact]
    public void Reading_outside_or_after_disposal_is_refused()
    {
        using TemporaryFolder folder = new();
        TokenShard shard = Small(folder);
        Assert.Throws<ArgumentOutOfRangeException>(() => shard.Read(3, new int[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => shard.Read(-1, new int[1]));
        shard.Dispose();
        shard.Dispose();
        Assert.Throws<ObjectDisposedException>(() => shard.Read(0, new int[1]));
    }

    [Fact]
    public void Another_tokenizer_is_found()
    {
        using TemporaryFolder folder = new();
        Small(folder).Dispose();
        Assert.Equal(
            $"{folder.File("s.tokens")}: was made by another tokenizer (vocabulary of 256) than this char tokenizer (vocabulary of 2).",
            Assert.Throws<EngineException>(() => TokenShard.Open(folder.File("s.tokens"), CharTokenizer.FromText("ab"))).Message);
    }

    [Fact]
    public void Every_flipped_bit_and_every_cut_is_found()
    {
        using TemporaryFolder folder = new();
        Small(folder).Dispose();
        string path = folder.File("s.tokens");
        byte[] good = File.ReadAllBytes(path);
        for (int bit = 0; bit < good.Length * 8; bit++)
        {
            byte[] bad = [.. good];
            bad[bit / 8] ^= (byte)(1 << (bit % 8));
            AssertDamaged(folder.Write("bad.tokens", bad));
        }

        for (int length = 0; length < good.Length; length++)
        {
            AssertDamaged(folder.Write("bad.tokens", good.AsSpan(0, length)));
        }

        AssertDamaged(folder.Write("bad.tokens", [.. good, 0]));

        static void AssertDamaged(string path) => Assert.StartsWith(path + ": ", Assert.Throws<EngineException>(() =>
        {
            using TokenShard shard = TokenShard.Open(path);
            shard.Verify();
        }).Message);
    }

    [Fact]
    public void A_damaged_token_does_not_get_through()
    {
        using TemporaryFolder folder = new();
        Small(folder).Dispose();
        byte[] bytes = File.ReadAllBytes(folder.File("s.tokens"));
        bytes[TokenShardHeader.Size + 3] = 1;
        using TokenShard shard = TokenShard.Open(folder.Write("bad.tokens", bytes));
        Assert.Equal(
            $"{folder.File("bad.tokens")}: is damaged: token 1 is 258, beyond the vocabulary of 256.",
            Assert.Throws<EngineException>(() => shard.Read(0, new int[4])).Message);
    }

    [Fact]
    public void A_token_outside_the_vocabulary_is_not_written()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("a.tokens");
        Assert.Equal(
            "TokenShard: token 256 at position 1 is not in the vocabulary of 256.",
            Assert.Throws<EngineException>(() => TokenShardWriter.Write(path, new ByteTokenizer(), w => w.Append([1, 256]))).Message);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void The_checksum_is_crc32c() => Assert.Equal(0xE3069283u, TokenShardHeader.Crc(0, "123456789"u8));

    private static TokenShard Small(TemporaryFolder folder)
    {
        TokenShardWriter.Write(folder.File("s.tokens"), new ByteTokenizer(), writer => writer.Append([1, 2, 3, 255]));
        return TokenShard.Open(folder.File("s.tokens"));
    }

    /// <summary>A tokenizer that has a vocabulary size and nothing else.</summary>
    private sealed class Vocabulary(int size) : ITokenizer
    {
        public string Kind => "test";

        public int VocabSize => size;

        public int[] Encode(ReadOnlySpan<char> text) => throw new NotSupportedException();

        public string Decode(ReadOnlySpan<int> tokens) => throw new NotSupportedException();

        public void WriteProperties(System.Text.Json.Utf8JsonWriter writer) => writer.WriteNumber("size", size);
    }
}
