using Engine.Pretraining.Generation;
using Xunit;

namespace Engine.Pretraining.Tests.Generation;

public sealed class TokenSamplerTests
{
    private static readonly float[] s_scores = [0f, 2f, 1f, -1f];

    [Fact]
    public void Temperature_zero_takes_the_best() =>
        Assert.Equal(1, new TokenSampler(new SamplingOptions { Temperature = 0f }).Next(s_scores));

    [Fact]
    public void Top_1_and_a_tiny_top_p_take_the_best_too()
    {
        TokenSampler one = new(new SamplingOptions { TopK = 1 });
        TokenSampler nucleus = new(new SamplingOptions { TopP = 0.01f });
        for (int i = 0; i < 50; i++)
        {
            Assert.Equal(1, one.Next(s_scores));
            Assert.Equal(1, nucleus.Next(s_scores));
        }
    }

    [Theory]
    [InlineData(0, 1f, 0f)]
    [InlineData(3, 1f, 0f)]
    [InlineData(0, 0.9f, 0f)]
    [InlineData(3, 0.95f, 0f)]
    [InlineData(0, 1f, 0.1f)]
    [InlineData(0, 1f, 1f)]
    public void Draws_follow_the_softmax_of_what_is_left(int topK, float topP, float minP)
    {
        const int Draws = 40_000;
        TokenSampler sampler = new(new SamplingOptions { TopK = topK, TopP = topP, MinP = minP, Temperature = 0.5f });
        double[] weights = [.. s_scores.Select(s => Math.Exp(s / 0.5))];
        int[] order = [.. Enumerable.Range(0, 4).OrderByDescending(i => weights[i])];
        int kept = topK > 0 ? topK : 4;
        double whole = order.Take(kept).Sum(i => weights[i]);
        kept = Enumerable.Range(1, kept).First(n => order.Take(n).Sum(i => weights[i]) >= (topP * whole) - 1e-9);
        kept = Math.Min(kept, weights.Count(w => w >= minP * weights.Max()));
        double total = order.Take(kept).Sum(i => weights[i]);
        int[] counts = new int[4];
        for (int i = 0; i < Draws; i++)
        {
            counts[sampler.Next(s_scores)]++;
        }

        // Four standard deviations of the least favourable share are 0.01.
        for (int i = 0; i < 4; i++)
        {
            double p = order.Take(kept).Contains(i) ? weights[i] / total : 0;
            Assert.InRange(counts[i] / (double)Draws, p - 0.01, p + 0.01);
        }
    }

    [Fact]
    public void Cuts_of_a_large_vocabulary_keep_the_most_likely_tokens()
    {
        RandomStream random = new(3, stream: 1);
        float[] scores = [.. Enumerable.Range(0, 5000).Select(_ => MathF.Round(3f * random.NextNormal(), 1))];
        int[] order = [.. Enumerable.Range(0, scores.Length).OrderByDescending(i => scores[i]).ThenBy(i => i)];
        TokenSampler sampler = new(new SamplingOptions { TopK = 40, Temperature = 2f });
        int[] drawn = [.. Enumerable.Range(0, 5000).Select(_ => sampler.Next(scores)).Distinct()];
        Assert.Equal(order.Take(40).Order(), drawn.Order());
    }

    [Fact]
    public void The_repetition_penalty_makes_what_was_written_less_likely_once()
    {
        float[] scores = [1.5f, 2f, 1.9f, -1f];
        TokenSampler sampler = new(new SamplingOptions { Temperature = 0f, RepetitionPenalty = 1.2f });
        Assert.Equal(1, sampler.Next(scores, [0, 3]));
        Assert.Equal(2, sampler.Next(scores, [1, 1, 1]));
        Assert.Equal(1, sampler.Next(scores, [1, 2, 2]));
        Assert.Equal(0, new TokenSampler(new SamplingOptions { Temperature = 0f, RepetitionPenalty = 2f }).Next([-1f, -0.6f], [1]));
    }

    [Fact]
    public void Bad_options_and_bad_scores_are_sentences()
    {
        Assert.Equal("generate: temperature is -1, expected a number of at least 0.", Assert.Throws<EngineException>(() => new TokenSampler(new SamplingOptions { Temperature = -1f })).Message);
        Assert.Equal("generate: top-p is 0, expected a number above 0 and at most 1.", Assert.Throws<EngineException>(() => new TokenSampler(new SamplingOptions { TopP = 0f })).Message);
        Assert.Equal("generate: min-p is 2, expected a number from 0 (all) to 1.", Assert.Throws<EngineException>(() => new TokenSampler(new SamplingOptions { MinP = 2f })).Message);
        Assert.Equal("generate: repetition-penalty is 0, expected a number above 0; 1 for none.", Assert.Throws<EngineException>(() => new TokenSampler(new SamplingOptions { RepetitionPenalty = 0f })).Message);
        Assert.Contains("a stop string is empty", Assert.Throws<EngineException>(() => new TokenSampler(new SamplingOptions { Stop = [""] })).Message);
        Assert.Contains("not finite", Assert.Throws<EngineException>(() => new TokenSampler(new SamplingOptions()).Next([float.NaN, float.NaN])).Message);
    }
}
