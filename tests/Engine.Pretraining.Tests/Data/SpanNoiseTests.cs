using Engine.Pretraining.Data;
using Engine.Testing;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Pretraining.Tests.Data;

/// <summary>T5's span corruption: the length algebra, the random spans, and the way there and back.</summary>
public sealed class SpanNoiseTests
{
    private const int Eos = 1;
    private static readonly int[] s_sentinels = [.. Enumerable.Range(0, 100).Select(i => 999 - i)];

    // random_spans_helper of t5/data/preprocessors.py, run once: 512 tokens hold a text of 568 with targets of 114.
    [Fact]
    public void The_published_lengths()
    {
        SpanLengths lengths = SpanLengths.ForInputs(512, 0.15, 3.0);
        Assert.Equal(new SpanLengths(568, 85, 28), lengths);
        Assert.Equal((512, 114), (lengths.Inputs, lengths.Targets));
    }

    [Fact]
    public void A_text_fills_its_source_exactly_and_one_token_more_would_not_fit() => Prop.ForAll(
        Gen.Choose(4, 700).Zip(Gen.Choose(1, 60)).Zip(Gen.Choose(10, 80)).ToArbitrary(),
        x =>
        {
            ((int inputs, int percent), int tenths) = x;
            SpanLengths lengths = SpanLengths.ForInputs(inputs, percent / 100.0, tenths / 10.0);
            return lengths.Inputs <= inputs && SpanLengths.Of(lengths.Tokens + 1, percent / 100.0, tenths / 10.0).Inputs > inputs;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Spans_have_the_counts_and_alternate_with_kept_tokens_kept_first() => Prop.ForAll(
        Gen.Choose(2, 300).Zip(Gen.Choose(1, 90)).Zip(Gen.Choose(10, 60)).Zip(Gen.Choose(0, int.MaxValue)).ToArbitrary(),
        x =>
        {
            (((int tokens, int percent), int tenths), int seed) = x;
            SpanLengths lengths = SpanLengths.Of(tokens, percent / 100.0, tenths / 10.0);
            bool[] noise = Mask(lengths, (ulong)seed);
            int spans = noise.Where((n, i) => n && (i == 0 || !noise[i - 1])).Count();
            return noise.Count(n => n) == lengths.NoiseTokens && spans == lengths.Spans && !noise[0] && noise[^1] && Mask(lengths, (ulong)seed).SequenceEqual(noise);
        }).QuickCheckThrowOnFailure();

    // 5 taken tokens in 3 spans: C(4, 2) = 6 ways; likewise 6 for 5 kept ones.
    [Fact]
    public void Every_partition_is_equally_likely()
    {
        const int draws = 36000;
        Dictionary<string, int> seen = [];
        RandomStream random = new(5, stream: 1);
        bool[] noise = new bool[10];
        for (int i = 0; i < draws; i++)
        {
            SpanNoise.Mask(new SpanLengths(10, 5, 3), random, noise);
            string key = string.Concat(noise.Select(n => n ? '1' : '0'));
            seen[key] = seen.GetValueOrDefault(key) + 1;
        }

        // Chi-square with 35 degrees of freedom: above 73 once in 7,000 seeds.
        Assert.Equal(36, seen.Count);
        Assert.True(seen.Values.Sum(n => Math.Pow(n - (draws / 36.0), 2) / (draws / 36.0)) < 73);
    }

    [Fact]
    public void The_inverse_reconstructs_the_text_for_any_spans() => Prop.ForAll(
        Gen.Choose(2, 500).Zip(Gen.Elements(true, false)).NonEmptyListOf().Zip(Gen.Elements(true, false)).ToArbitrary(),
        x =>
        {
            int[] tokens = [.. x.Item1.Select(t => t.Item1).Take(90)];
            bool[] noise = [.. x.Item1.Select(t => t.Item2).Take(90)];
            int[] inputs = new int[2 * tokens.Length + 2];
            int[] targets = new int[2 * tokens.Length + 2];
            (int source, int target) = SpanNoise.Corrupt(tokens, noise, s_sentinels, Eos, inputs, targets, x.Item2);
            return SpanNoise.Restore(inputs.AsSpan(0, source), targets.AsSpan(0, target), s_sentinels, Eos).SequenceEqual(tokens)
                && inputs[source - 1] == Eos && targets[target - 1] == Eos;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Sources_and_targets_have_the_lengths_of_the_algebra() => Prop.ForAll(
        Gen.Choose(4, 300).Zip(Gen.Choose(0, int.MaxValue)).ToArbitrary(),
        x =>
        {
            SpanLengths lengths = SpanLengths.ForInputs(x.Item1, 0.15, 3.0);
            int[] tokens = [.. Enumerable.Range(2, lengths.Tokens)];
            int[] inputs = new int[lengths.Inputs];
            int[] targets = new int[lengths.Targets];
            return SpanNoise.Corrupt(tokens, Mask(lengths, (ulong)x.Item2), s_sentinels, Eos, inputs, targets) == (lengths.Inputs, lengths.Targets);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Corruption_is_that_of_the_fixture()
    {
        using Fixture file = Fixture.Open("model_t5");
        int[] tokens = file.Ints("span_corruption.tokens");
        bool[] noise = new bool[tokens.Length];
        foreach ((int start, int length) in file.Ints("span_corruption.span_start").Zip(file.Ints("span_corruption.span_length")))
        {
            noise.AsSpan(start, length).Fill(true);
        }

        int V = file.Shape("param.shared.weight")[0];
        int[] sentinels = [.. Enumerable.Range(0, V).Select(i => V - 1 - i)];
        int[] inputs = new int[2 * tokens.Length];
        int[] targets = new int[2 * tokens.Length];
        (int source, int target) = SpanNoise.Corrupt(tokens, noise, sentinels, Eos, inputs, targets, closing: true);
        Assert.Equal(file.Ints("span_corruption.inputs"), inputs[..source]);
        Assert.Equal(file.Ints("span_corruption.targets"), targets[..target]);
    }

    [Fact]
    public void A_model_that_leaves_out_a_sentinel_leaves_the_gap_empty() =>
        Assert.Equal([5, 7, 8, 6], SpanNoise.Restore([5, 999, 6, 998, Eos, 3], [999, 7, 8, Eos, 998, 4], s_sentinels, Eos));

    [Fact]
    public void Mistakes_are_sentences()
    {
        Assert.Equal(
            "span corruption: the text has more spans than the vocabulary's 1 sentinels.",
            Assert.Throws<EngineException>(() => SpanNoise.Corrupt([2, 3, 4, 5], [false, true, false, true], [999], Eos, new int[9], new int[9])).Message);
        Assert.Equal(
            "span corruption: block_size = 3 has no room for a kept token, a span's sentinel and the end token; take at least 4.",
            Assert.Throws<EngineException>(() => SpanLengths.ForInputs(3, 0.15, 3)).Message);
    }

    private static bool[] Mask(in SpanLengths lengths, ulong seed)
    {
        bool[] noise = new bool[lengths.Tokens];
        SpanNoise.Mask(lengths, new RandomStream(seed, stream: 1), noise);
        return noise;
    }
}
