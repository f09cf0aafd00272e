using Engine.Pretraining.Data;
using Engine.Pretraining.Tests.Tokenizers;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Pretraining.Tests.Data;

public sealed class PairSamplerTests : IDisposable
{
    private const int Pad = 0;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Rows_are_pairs_behind_which_is_padding() => Prop.ForAll(
        Gen.Choose(1, 40).Zip(Gen.Choose(1, 9)).Zip(Gen.Choose(0, 200)).ToArbitrary(),
        x =>
        {
            ((int count, int B), int batch) = x;
            TokenPair[] pairs = Pairs(count);
            PairSampler sampler = new(pairs, B, Pad, seed: 5);
            int[] inputs = new int[B * sampler.SourceLength];
            int[] mask = new int[inputs.Length];
            int[] labels = new int[B * sampler.TargetLength];
            (int S, int T) = sampler.Fill(batch, inputs, mask, labels);
            return Enumerable.Range(0, B).All(row =>
            {
                TokenPair pair = sampler.Pair(batch, row);
                int n = pair.Source.Length;
                int[] source = [.. inputs.Skip(row * S).Take(S)];
                int[] target = [.. labels.Skip(row * T).Take(T)];
                return pairs.Contains(pair) && source.Take(n).SequenceEqual(pair.Source) && source.Skip(n).All(t => t == Pad)
                    && mask.Skip(row * S).Take(S).Select((m, i) => m == (i < n ? 1 : 0)).All(ok => ok)
                    && target.Take(pair.Target.Length).SequenceEqual(pair.Target) && target.Skip(pair.Target.Length).All(t => t == -100);
            });
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void An_epoch_visits_every_pair_and_wastes_little()
    {
        TokenPair[] pairs = Pairs(1000);
        PairSampler sampler = new(pairs, batchSize: 10, Pad, seed: 5);
        int[] inputs = new int[10 * sampler.SourceLength];
        int[] labels = new int[10 * sampler.TargetLength];
        HashSet<TokenPair> seen = [];
        (long places, long tokens) = (0, 0);
        for (int batch = 0; batch < sampler.BatchesPerEpoch; batch++)
        {
            (int S, int T) = sampler.Fill(batch, inputs, new int[inputs.Length], labels);
            places += 10 * (S + T);
            foreach (TokenPair pair in Enumerable.Range(0, 10).Select(row => sampler.Pair(batch, row)))
            {
                seen.Add(pair);
                tokens += pair.Source.Length + pair.Target.Length;
            }
        }

        // Side by side as they come, a batch of these pairs is a third padding.
        Assert.Equal(1000, seen.Count);
        Assert.True(tokens > 0.9 * places, $"{tokens} tokens in {places} places");
        Assert.NotEqual(
            Enumerable.Range(0, 100).Select(b => sampler.Pair(b, 0)),
            Enumerable.Range(100, 100).Select(b => sampler.Pair(b, 0)));
    }

    [Fact]
    public void A_batch_is_a_function_of_seed_and_number_and_the_evaluation_set_of_neither()
    {
        TokenPair[] pairs = Pairs(64);
        IEnumerable<TokenPair> First(ulong? seed) => Enumerable.Range(0, 20).Select(b => new PairSampler(pairs, 8, Pad, seed).Pair(b, 3));
        Assert.Equal(First(1), First(1));
        Assert.NotEqual(First(1), First(2));
        Assert.Equal(First(null).Take(8), First(null).Skip(8).Take(8));
    }

    [Fact]
    public void Lines_become_pairs_with_end_tokens()
    {
        File.WriteAllText(_folder.File("en"), "a dog\n\ntwo\r\n");
        File.WriteAllText(_folder.File("de"), "ein Hund\nleer\nzwei\n");
        ParallelCorpus corpus = ParallelCorpus.Load(_folder.File("en"), _folder.File("de"));
        Assert.Equal(["a dog", "two"], corpus.Sources);
        Assert.Equal(["ein Hund", "zwei"], corpus.Targets);
        TokenPair pair = Assert.Single(corpus.Encode(new MarkedBytes(), MarkedBytes.Eos, maxLength: 5));
        Assert.Equal([.. "two"u8.ToArray().Select(b => (int)b), MarkedBytes.Eos], pair.Source);
        Assert.Equal(5, pair.Target.Length);
    }

    [Fact]
    public void Mistakes_are_sentences()
    {
        File.WriteAllText(_folder.File("en"), "one\ntwo\nthree");
        File.WriteAllText(_folder.File("de"), "eins\nzwei\n");
        File.WriteAllText(_folder.File("empty"), "\n\n\n");
        Assert.Equal(
            $"{_folder.File("en")} has 3 lines and {_folder.File("de")} has 2; in a parallel corpus line i of one is the translation of line i of the other.",
            Message(() => ParallelCorpus.Load(_folder.File("en"), _folder.File("de"))));
        Assert.EndsWith("there is no pair of lines that are both not empty.", Message(() => ParallelCorpus.Load(_folder.File("en"), _folder.File("empty"))), StringComparison.Ordinal);
        Assert.EndsWith(
            "every pair has more than block_size = 3 tokens on one side; raise block_size.",
            Message(() => ParallelCorpus.Load(_folder.File("en"), _folder.File("en")).Encode(new MarkedBytes(), MarkedBytes.Eos, 3)), StringComparison.Ordinal);
        Assert.EndsWith("there is no such corpus file.", Message(() => ParallelCorpus.Load(_folder.File("fr"), _folder.File("de"))), StringComparison.Ordinal);
    }

    private static string Message(Action action) => Assert.Throws<EngineException>(action).Message;

    // Sources of 1 to 20 tokens; targets about as long.
    private static TokenPair[] Pairs(int count)
    {
        RandomStream random = new(3, stream: 2);
        int[] Row(long n) => [.. Enumerable.Range(0, (int)n).Select(_ => 1 + (int)random.NextInt(50))];
        return [.. Enumerable.Range(0, count).Select(_ => 1 + random.NextInt(20)).Select(n => new TokenPair(Row(n), Row(n + random.NextInt(3))))];
    }
}
