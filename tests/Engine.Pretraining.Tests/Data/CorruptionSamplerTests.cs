using Engine.Pretraining.Data;
using Engine.Testing;
using Xunit;

namespace Engine.Pretraining.Tests.Data;

public sealed class CorruptionSamplerTests
{
    private const int V = 300;
    private const int Pad = 0;
    private const int Eos = 1;
    private static readonly int[] s_sentinels = [.. Enumerable.Range(0, 20).Select(i => V - 1 - i)];

    [Theory]
    [InlineData(Corruption.Spans)]
    [InlineData(Corruption.Prefix)]
    [InlineData(Corruption.Bert)]
    [InlineData(Corruption.Deshuffling)]
    public void Source_and_target_together_hold_the_window(Corruption corruption)
    {
        CorruptionSampler sampler = Sampler(corruption, seed: 3);
        RandomWindowSampler windows = Windows(corruption);
        for (long batch = 0; batch < 5; batch++)
        {
            (int[][] sources, int[][] targets) = Rows(sampler, batch);
            int[] text = new int[windows.BatchSize * windows.SequenceLength];
            windows.Fill(batch, text, new int[text.Length]);
            for (int row = 0; row < sources.Length; row++)
            {
                int[] expected = text[(row * windows.SequenceLength)..((row + 1) * windows.SequenceLength)];
                Assert.Equal(Eos, sources[row][^1]);
                Assert.Equal(Eos, targets[row][^1]);
                int[] source = sources[row][..^1];
                int[] target = targets[row][..^1];
                Assert.Equal(expected, corruption switch
                {
                    Corruption.Spans => SpanNoise.Restore(source, target, s_sentinels, Eos),
                    Corruption.Prefix => [.. source, .. target],
                    _ => target,
                });
                if (corruption == Corruption.Deshuffling)
                {
                    Assert.NotEqual(expected, source);
                    Assert.Equal(expected.Order(), source.Order());
                }
            }
        }
    }

    [Fact]
    public void Bert_style_replaces_a_share_of_the_tokens_mostly_by_the_sentinel()
    {
        CorruptionSampler sampler = Sampler(Corruption.Bert, seed: 3);
        (int all, int masked, int other) = (0, 0, 0);
        for (long batch = 0; batch < 400; batch++)
        {
            (int[][] sources, int[][] targets) = Rows(sampler, batch);
            foreach ((int was, int now) in targets.SelectMany(t => t[..^1]).Zip(sources.SelectMany(s => s[..^1])))
            {
                all++;
                masked += now == s_sentinels[0] ? 1 : 0;
                other += now != s_sentinels[0] && now != was ? 1 : 0;
            }
        }

        // 50,400 tokens: five standard deviations of a share of 0.135 are 0.0076, of 0.015 0.0027.
        Assert.InRange((double)masked / all, 0.135 - 0.0076, 0.135 + 0.0076);
        Assert.InRange((double)other / all, 0.015 - 0.0027, 0.015 + 0.0027);
    }

    [Theory]
    [InlineData(Corruption.Spans)]
    [InlineData(Corruption.Prefix)]
    public void A_batch_is_a_function_of_seed_and_number(Corruption corruption)
    {
        CorruptionSampler first = Sampler(corruption, seed: 3);
        CorruptionSampler second = Sampler(corruption, seed: 3);
        Rows(second, 9);
        Assert.Equal(Rows(first, 4).Sources, Rows(second, 4).Sources);
        Assert.NotEqual(Rows(first, 4).Sources, Rows(first, 5).Sources);
        Assert.NotEqual(Rows(first, 4).Sources, Rows(Sampler(corruption, seed: 4), 4).Sources);
    }

    [Fact]
    public void A_batch_allocates_nothing()
    {
        CorruptionSampler sampler = Sampler(Corruption.Spans, seed: 3);
        int[] inputs = new int[sampler.BatchSize * sampler.SourceLength];
        int[] mask = new int[inputs.Length];
        int[] labels = new int[sampler.BatchSize * sampler.TargetLength];
        sampler.Fill(0, inputs, mask, labels);
        Assert.Equal(0, Allocations.Of(() =>
        {
            sampler.Fill(1, inputs, mask, labels);
        }));
    }

    private static RandomWindowSampler Windows(Corruption corruption) => new(
        new MemoryTokens("text", Enumerable.Range(0, 4000).Select(i => 2 + (i * 37 % 251)).ToArray(), V),
        batchSize: 3, CorruptionSampler.WindowLength(corruption, 43, 0.15, 3), seed: 7);

    private static CorruptionSampler Sampler(Corruption corruption, ulong seed) =>
        new(Windows(corruption), new CorruptionSettings(corruption, 0.15, 3, s_sentinels, Eos, Pad, V), seed);

    // Without padding, whose places mask and labels name.
    private static (int[][] Sources, int[][] Targets) Rows(CorruptionSampler sampler, long batch)
    {
        int[] inputs = new int[sampler.BatchSize * sampler.SourceLength];
        int[] mask = new int[inputs.Length];
        int[] labels = new int[sampler.BatchSize * sampler.TargetLength];
        (int S, int T) = sampler.Fill(batch, inputs, mask, labels);
        return (
            [.. inputs.Chunk(S).Zip(mask.Chunk(S)).Select(r => r.First.Where((_, i) => r.Second[i] == 1).ToArray())],
            [.. labels.Chunk(T).Select(r => r.Where(l => l >= 0).ToArray())]);
    }
}
