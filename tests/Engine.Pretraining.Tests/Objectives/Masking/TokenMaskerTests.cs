using Engine.Pretraining.Objectives.Masking;
using Engine.Pretraining.Tests.Tokenizers;
using Engine.Pretraining.Tokenizers;
using Engine.Testing;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Pretraining.Tests.Objectives.Masking;

public sealed class TokenMaskerTests
{
    private const int Cls = 2;
    private const int Sep = 3;
    private const int MaskId = 4;

    // 300 ordinary tokens: words of one piece, and words of two and three.
    private static readonly PieceTokenizer s_tokenizer = new(
        string.Join(' ', Enumerable.Range(0, 100).Select(i => $"w{i:000} x{i:000}ab{i:00} y{i:000}cd{i:00}efg{i:000}")));

    private static MaskingOptions Bert => new() { MaxPredictions = 1000 };

    private static MaskingOptions Span => Bert with { Spans = SpanLaw.SpanBert, WholeSpans = true };

    public static TheoryData<string> Kinds => ["bert", "words", "ngram", "span", "span of words", "electra"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_is_chosen_can_be_undone_and_nothing_else_changes(string kind) => ForAllSequences(kind, (original, masked, chosen, options) =>
    {
        int n = original.Count(t => !s_tokenizer.SpecialTokens.Contains(t));
        int budget = n == 0 ? 0 : Math.Min(options.MaxPredictions, Math.Max(1, (int)Math.Round(0.15 * n)));
        Assert.True(options.WholeWords || options.WholeSpans ? chosen.Count <= budget : chosen.Count == budget, $"{chosen.Count} of {n}");
        Assert.Equal(chosen.Positions.ToArray().Distinct().Order(), chosen.Positions.ToArray());
        for (int i = 0; i < chosen.Count; i++)
        {
            Assert.False(s_tokenizer.SpecialTokens.Contains(chosen.Labels[i]));
            Assert.True(masked[chosen.Positions[i]] == MaskId || !s_tokenizer.SpecialTokens.Contains(masked[chosen.Positions[i]]));
            masked[chosen.Positions[i]] = chosen.Labels[i];
        }

        Assert.Equal(original, masked);
    });

    [Fact]
    public void Spans_have_their_exact_budget_wherever_there_is_room() => ForAllSequences("span", (original, _, chosen, _) =>
    {
        // In a row of n tokens, spans that do not touch can always take n/6 of them.
        int n = original.Count(t => !s_tokenizer.SpecialTokens.Contains(t));
        if (!original.AsSpan(1, original.Length - 2).Contains(Sep))
        {
            Assert.Equal(n == 0 ? 0 : Math.Max(1, (int)Math.Round(0.15 * n)), chosen.Count);
        }
    });

    [Theory]
    [InlineData("span")]
    [InlineData("span of words")]
    public void Spans_stay_apart_and_share_their_fate(string kind) => ForAllSequences(kind, (_, masked, chosen, _) =>
    {
        HashSet<int> positions = [.. chosen.Positions];
        for (int i = 0; i < chosen.Count; i++)
        {
            (int start, int end) = (chosen.SpanStarts[i], chosen.SpanEnds[i]);
            Assert.InRange(chosen.Positions[i], start, end - 1);
            Assert.DoesNotContain(start - 1, positions);
            Assert.DoesNotContain(end, positions);
            Assert.InRange(end - start, 1, kind == "span" ? 10 : 30);
            bool[] hidden = [.. masked[start..end].Select(t => t == MaskId)];
            Assert.True(hidden.All(h => h) || hidden.All(h => !h));
        }
    });

    [Theory]
    [InlineData("words")]
    [InlineData("span of words")]
    public void Words_are_hidden_whole(string kind) => ForAllSequences(kind, (original, _, chosen, _) =>
    {
        HashSet<int> positions = [.. chosen.Positions];
        for (int t = 1; t < original.Length; t++)
        {
            // A piece that goes on belongs with the one before it, unless that is a special token.
            if (s_tokenizer.ContinuesWord(original[t]) && !s_tokenizer.SpecialTokens.Contains(original[t - 1]))
            {
                Assert.Equal(positions.Contains(t - 1), positions.Contains(t));
            }
        }
    });

    [Fact]
    public void A_million_positions_have_the_shares_of_the_paper()
    {
        TokenMasker masker = new(s_tokenizer, Bert, 600, "test");
        MaskedTokens chosen = new(1000);
        RandomStream random = new(5, 1);
        long[] counts = new long[5]; // positions, chosen, mask, kept, random
        while (counts[0] < 1_000_000)
        {
            int[] original = Sequence(random, 50 + (int)random.NextInt(400), special: 0);
            int[] ids = [.. original];
            masker.Mask(ids, random, chosen);
            counts[0] += ids.Length - 2;
            counts[1] += chosen.Count;
            for (int i = 0; i < chosen.Count; i++)
            {
                int now = ids[chosen.Positions[i]];
                counts[now == MaskId ? 2 : now == chosen.Labels[i] ? 3 : 4]++;
            }
        }

        // One in 500 random tokens is the former one.
        Assert.InRange(100.0 * counts[1] / counts[0], 14.9, 15.1);
        Assert.InRange(100.0 * counts[2] / counts[1], 79.7, 80.3);
        Assert.InRange(100.0 * counts[3] / counts[1], 9.7, 10.3);
        Assert.InRange(100.0 * counts[4] / counts[1], 9.7, 10.3);
    }

    [Fact]
    public void Every_token_has_the_same_chance()
    {
        TokenMasker masker = new(s_tokenizer, Bert, 64, "test");
        MaskedTokens chosen = new(64);
        int[] hits = new int[42];
        for (int trial = 0; trial < 20_000; trial++)
        {
            int[] ids = [Cls, .. Enumerable.Range(10, 40), Sep];
            masker.Mask(ids, new RandomStream(9, (ulong)trial), chosen);
            foreach (int position in chosen.Positions)
            {
                hits[position]++;
            }
        }

        // 6 of 40: 3000 hits each; six standard deviations are 300.
        Assert.All(hits[1..^1], h => Assert.InRange(h, 2700, 3300));
    }

    [Fact]
    public void The_cap_holds()
    {
        TokenMasker masker = new(s_tokenizer, Bert with { MaxPredictions = 20 }, 200, "test");
        MaskedTokens chosen = new(20);
        masker.Mask(Sequence(new RandomStream(1, 1), 200, special: 0), new RandomStream(1, 2), chosen);
        Assert.Equal(20, chosen.Count);
    }

    [Fact]
    public void Masking_is_a_function_of_sequence_and_stream_and_allocates_nothing()
    {
        TokenMasker masker = new(s_tokenizer, Span, 128, "test");
        MaskedTokens chosen = new(128);
        int[] original = Sequence(new RandomStream(1, 1), 126, special: 1);
        int[][] results = [.. Enumerable.Range(0, 2).Select(_ => Masked(3))];
        Assert.Equal(results[0], results[1]);
        Assert.NotEqual(results[0], Masked(4));

        RandomStream random = new(1, 1);
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                masker.Mask(original, random, chosen);
            }
        }));

        int[] Masked(ulong stream)
        {
            int[] ids = [.. original];
            masker.Mask(ids, new RandomStream(1, stream), chosen);
            return ids;
        }
    }

    [Fact]
    public void A_sequence_of_special_tokens_stays()
    {
        TokenMasker masker = new(s_tokenizer, Bert, 8, "test");
        MaskedTokens chosen = new(8);
        int[] ids = [Cls, 1, Sep];
        masker.Mask(ids, new RandomStream(1, 1), chosen);
        Assert.Equal(0, chosen.Count);
        Assert.Equal([Cls, 1, Sep], ids);
    }

    [Fact]
    public void A_vocabulary_that_lacks_what_is_needed_is_refused()
    {
        string Message(ITokenizer tokenizer, MaskingOptions options) => Assert.Throws<EngineException>(() => new TokenMasker(tokenizer, options, 8, "mlm")).Message;
        Assert.Equal(
            "objective mlm: the vocabulary of tokenizer pieces has no mask token; take a tokenizer that has one, for example tokenizer = wordpiece.",
            Message(new PieceTokenizer("a b", hasMask: false), Bert));
        Assert.Equal(
            "objective mlm: the vocabulary of tokenizer pieces has only special tokens, so there is nothing to predict.", Message(new PieceTokenizer(string.Empty), Bert));
        Assert.StartsWith("objective mlm: the vocabulary of tokenizer byte has no mask token", Message(new ByteTokenizer(), Bert with { WholeWords = true }), StringComparison.Ordinal);
    }

    private static int[] Sequence(RandomStream random, int length, int special) =>
        [Cls, .. Enumerable.Range(0, Math.Max(0, length - 2)).Select(_ => random.NextInt(20) < special ? Sep : 5 + (int)random.NextInt(s_tokenizer.VocabSize - 5)), Sep];

    private static void ForAllSequences(string kind, Action<int[], int[], MaskedTokens, MaskingOptions> check) => Prop.ForAll(
        ArbMap.Default.ArbFor<ulong>(), ArbMap.Default.ArbFor<NonNegativeInt>(), (seed, size) =>
        {
            MaskingOptions options = kind switch
            {
                "words" => Bert with { WholeWords = true },
                "ngram" => Bert with { Spans = SpanLaw.NGrams(3) },
                "span" => Span,
                "span of words" => Span with { WholeWords = true },
                "electra" => Bert with { MaskShare = 0.85, RandomShare = 0 },
                _ => Bert,
            };
            RandomStream random = new(seed, 1);
            int[] original = Sequence(random, 2 + (size.Get % 200), special: (int)(seed % 2));
            int[] masked = [.. original];
            MaskedTokens chosen = new(1000);
            new TokenMasker(s_tokenizer, options, original.Length, "test").Mask(masked, random, chosen);
            check(original, masked, chosen, options);
        }).QuickCheckThrowOnFailure();
}
