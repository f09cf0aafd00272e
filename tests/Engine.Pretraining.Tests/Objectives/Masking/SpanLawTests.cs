using Engine.Pretraining.Objectives.Masking;
using Engine.Pretraining.Tests.Tokenizers;
using Xunit;

namespace Engine.Pretraining.Tests.Objectives.Masking;

public sealed class SpanLawTests
{
    // Quantiles of χ² at 0.99 for 2 and 9 degrees of freedom.
    private const double Chi2Of2 = 9.210;
    private const double Chi2Of9 = 21.666;

    [Fact]
    public void SpanBerts_mean_is_the_papers() =>
        Assert.Equal(3.8, SpanLaw.SpanBert.Probabilities.Select((p, i) => p * (i + 1)).Sum(), 2);

    [Fact]
    public void Draws_follow_the_law()
    {
        RandomStream random = new(11, 3);
        AssertLaw(SpanLaw.SpanBert, Enumerable.Range(0, 100_000).Select(_ => SpanLaw.SpanBert.Draw(random)), Chi2Of9);
        SpanLaw grams = SpanLaw.NGrams(3);
        Assert.Equal([6, 3, 2], grams.Probabilities.Select(p => Math.Round(11 * p, 9)));
        AssertLaw(grams, Enumerable.Range(0, 100_000).Select(_ => grams.Draw(random)), Chi2Of2);
    }

    [Fact]
    public void So_do_the_spans_in_a_long_sequence()
    {
        // In short ones the last span is cut to the budget; here that is one of about 500.
        const int N = 100_000;
        PieceTokenizer tokenizer = new("a b c d e f g h");
        TokenMasker masker = new(tokenizer, new MaskingOptions { MaxPredictions = N, Spans = SpanLaw.SpanBert, WholeSpans = true, Probability = 0.02 }, N, "test");
        MaskedTokens chosen = new(N);
        RandomStream random = new(4, 2);
        int[] ids = [.. Enumerable.Range(0, N).Select(_ => 5 + (int)random.NextInt(8))];
        masker.Mask(ids, random, chosen);
        Assert.Equal(N / 50, chosen.Count);
        (int Start, int End)[] spans = [.. Enumerable.Range(0, chosen.Count).Select(i => (chosen.SpanStarts[i], chosen.SpanEnds[i])).Distinct()];
        AssertLaw(SpanLaw.SpanBert, spans.Select(s => s.End - s.Start), Chi2Of9);
    }

    private static void AssertLaw(SpanLaw law, IEnumerable<int> draws, double limit)
    {
        int[] lengths = [.. draws];
        double chi2 = law.Probabilities.Select((p, i) =>
        {
            double expected = p * lengths.Length;
            double found = lengths.Count(n => n == i + 1);
            return (found - expected) * (found - expected) / expected;
        }).Sum();
        Assert.All(lengths, n => Assert.InRange(n, 1, law.Longest));
        Assert.True(chi2 < limit, $"χ² = {chi2:F2}, expected below {limit}");
    }
}
