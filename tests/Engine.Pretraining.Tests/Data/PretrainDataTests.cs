using Engine.Pretraining.Configuration;
using Engine.Pretraining.Data;
using Engine.Pretraining.Tokenizers;
using Xunit;

namespace Engine.Pretraining.Tests.Data;

public sealed class PretrainDataTests
{
    [Fact]
    public void The_default_preset_splits_as_nanoGPT_does()
    {
        using PretrainData data = PretrainData.Open(new PretrainConfig());
        Assert.Equal(65, data.Tokenizer.VocabSize);
        Assert.Equal(1003854, data.Dataset.Training.Count);
        Assert.Equal(111540, data.Dataset.Validation.Count);
        Assert.True(data.Validation.Batches >= 100);
    }

    [Fact]
    public void Splits_lie_side_by_side()
    {
        TokenDataset dataset = new(new MemoryTokens("t", Enumerable.Range(0, 100).ToArray(), 100), 0.1, 5);
        int[] edge = new int[1];
        dataset.Training.Read(89, edge);
        Assert.Equal(89, edge[0]);
        dataset.Validation.Read(0, edge);
        Assert.Equal(90, edge[0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => dataset.Training.Read(90, edge));
    }

    [Theory]
    [InlineData(3, "the training split has 2 of the corpus's 3 tokens, but one sequence needs 65")]
    [InlineData(100, "the validation split has 10 of the corpus's 100 tokens, but one sequence needs 65")]
    public void A_corpus_shorter_than_a_sequence_says_how_much_is_needed(int length, string expected)
    {
        using TemporaryFolder folder = new();
        PretrainConfig config = new() { Data = folder.File("a.txt") };
        File.WriteAllText(config.Data, new string('a', length));
        Assert.Equal(
            $"{config.Data}: {expected} (block_size = 64 and the label after it); take a longer corpus, a smaller block_size or another val_fraction.",
            Assert.Throws<EngineException>(() => PretrainData.Open(config)).Message);
    }

    [Fact]
    public void A_corpus_that_does_not_fit_the_checkpoint_is_refused()
    {
        using TemporaryFolder folder = new();
        PretrainConfig config = Presets.Get("tiny") with { Data = folder.File("a.txt") };
        File.WriteAllText(config.Data, new string('a', 1000));
        using PretrainData data = PretrainData.Open(config);
        File.WriteAllText(config.Data, new string('a', 500) + new string('b', 500));
        Assert.Equal(
            $"{config.Data}: vocabulary mismatch: char tokenizer: the character 'b' (U+0062) at position 500 is not in the vocabulary of 1 characters.",
            Assert.Throws<EngineException>(() => PretrainData.Open(config, data.Tokenizer, data.Fingerprint)).Message);
        File.WriteAllText(config.Data, new string('a', 1001));
        Assert.StartsWith(
            $"{config.Data}: the corpus has changed since the run began",
            Assert.Throws<EngineException>(() => PretrainData.Open(config, data.Tokenizer, data.Fingerprint)).Message);
        File.WriteAllText(config.Data, new string('a', 1000));
        PretrainData.Open(config, data.Tokenizer, data.Fingerprint).Dispose();
        Assert.Equal(
            $"{config.Data}: its tokens are made by a char tokenizer, but tokenizer = byte.",
            Assert.Throws<EngineException>(() => PretrainData.Open(config with { Tokenizer = "byte" }, data.Tokenizer)).Message);
    }

    [Fact]
    public void A_tokenizer_can_be_a_file()
    {
        using TemporaryFolder folder = new();
        Corpus corpus = Corpus.Load(Corpus.TinyShakespeare);
        ITokenizer bpe = TokenizerFile.Create("bpe", corpus.Text, 400);
        TokenizerFile.Save(bpe, folder.File("bpe.json"));
        PretrainConfig config = Presets.Get("tiny") with { Tokenizer = folder.File("bpe.json") };
        using PretrainData text = PretrainData.Open(config);
        PretrainData.Prepare(corpus, bpe, folder.File("a.tokens"));
        using PretrainData shard = PretrainData.Open(config with { Data = folder.File("a.tokens") });
        Assert.Equal(Batch(text.Training, 5), Batch(shard.Training, 5));
        PretrainData.Prepare(corpus, new ByteTokenizer(), folder.File("b.tokens"));
        Assert.Equal(
            $"{folder.File("b.tokens")}: was made by another tokenizer (vocabulary of 256) than this bpe tokenizer (vocabulary of 400).",
            Assert.Throws<EngineException>(() => PretrainData.Open(config with { Data = folder.File("b.tokens") })).Message);
    }

    [Theory]
    [InlineData("char", "random")]
    [InlineData("byte", "epoch")]
    public void A_shard_gives_the_same_batches_as_its_text(string kind, string sampling)
    {
        using TemporaryFolder folder = new();
        PretrainConfig config = Presets.Get("tiny") with { Tokenizer = kind, Sampling = sampling };
        using PretrainData text = PretrainData.Open(config);
        PretrainData.Prepare(Corpus.Load(config.Data), text.Tokenizer, folder.File("a.tokens"));
        using PretrainData shard = PretrainData.Open(config with { Data = folder.File("a.tokens") });
        Assert.Equal(Batch(text.Training, 5), Batch(shard.Training, 5));
        Assert.Equal(Batch(text.Validation, 5), Batch(shard.Validation, 5));
    }

    [Fact]
    public void Shards_and_their_tokenizers_are_checked()
    {
        using TemporaryFolder folder = new();
        PretrainConfig config = Presets.Get("tiny") with { Data = folder.File("a.tokens") };
        Assert.Equal($"{config.Data}: there is no such token shard.", Assert.Throws<EngineException>(() => PretrainData.Open(config)).Message);
        PretrainData.Prepare(new Corpus("x", new string('a', 1000)), new ByteTokenizer(), config.Data);
        Assert.Equal(
            $"{config.Data}: its tokens are made by a byte tokenizer, but tokenizer = char.",
            Assert.Throws<EngineException>(() => PretrainData.Open(config)).Message);
        Assert.Equal(
            $"{folder.File("a.bin")}: the name of a token shard must end in .tokens.",
            Assert.Throws<EngineException>(() => PretrainData.Prepare(new Corpus("x", "text"), new ByteTokenizer(), folder.File("a.bin"))).Message);
    }

    private static int[] Batch(ISampler sampler, long index)
    {
        int[] ids = new int[sampler.BatchSize * sampler.SequenceLength];
        sampler.Fill(index, ids, new int[ids.Length]);
        return ids;
    }
}
