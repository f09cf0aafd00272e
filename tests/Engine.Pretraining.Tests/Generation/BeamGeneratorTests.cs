using Engine.Pretraining.Generation;
using Engine.Pretraining.Models;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Pretraining.Tests.Generation;

/// <summary>A beam search is greedy with one beam, exact with enough of them, and the same with a cache as without.</summary>
public sealed class BeamGeneratorTests : IDisposable
{
    private static readonly HashSet<int> s_end = [1];
    private readonly CpuDevice _device = new(2);
    private readonly Gpt2 _model;
    private readonly Gpt2 _tiny;

    public BeamGeneratorTests()
    {
        _model = new Gpt2(_device, new Gpt2Config { VocabSize = 61, NPositions = 48, NEmbd = 32, NLayer = 2, NHead = 4 }, seed: 5).Outspoken();
        _tiny = new Gpt2(_device, new Gpt2Config { VocabSize = 4, NPositions = 16, NEmbd = 16, NLayer = 2, NHead = 2 }, seed: 5).Outspoken();
    }

    public void Dispose()
    {
        _model.Dispose();
        _tiny.Dispose();
        _device.Dispose();
    }

    [Fact]
    public void One_beam_is_greedy() => Prop.ForAll(Prompts(), prompt =>
    {
        int[] greedy = Greedy(_model, prompt, 20);
        return Assert.Single(BeamGenerator.Generate(_model, prompt, 20, new BeamOptions { Beams = 1 }, s_end)).Tokens.SequenceEqual(greedy);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(30));

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.0)]
    [InlineData(3.0)]
    [InlineData(-1.0)]
    public void Beams_as_wide_as_all_texts_find_the_best_of_all(double lengthPenalty)
    {
        foreach (int[] prompt in new int[][] { [2], [0, 3, 2], [1, 1, 0, 3] })
        {
            List<BeamText> all = [];
            Visit(prompt, [], 0, lengthPenalty, all);
            BeamText[] best = [.. all.OrderByDescending(t => t.Score).Take(3)];
            IReadOnlyList<BeamText> found = BeamGenerator.Generate(_tiny, prompt, 5, new BeamOptions { Beams = 256, LengthPenalty = lengthPenalty, Returns = 3 }, s_end);
            for (int i = 0; i < best.Length; i++)
            {
                Assert.Equal(best[i].Tokens, found[i].Tokens);
                Assert.Equal(best[i].Score, found[i].Score, 1e-4);
                Assert.Equal(best[i].LogP, found[i].LogP, 1e-4);
            }
        }
    }

    [Theory]
    [InlineData(3, 1.0, true)]
    [InlineData(4, 0.0, false)]
    [InlineData(5, 0.7, false)]
    public void Texts_are_those_of_a_search_that_reads_everything_again(int beams, double lengthPenalty, bool early)
    {
        BeamOptions options = new() { Beams = beams, LengthPenalty = lengthPenalty, Returns = beams, EarlyStopping = early };
        foreach (int[] prompt in new int[][] { [2], [7, 30, 12], [.. Enumerable.Range(3, 20)] })
        {
            BeamSearch search = new(options, s_end, 24, length => Math.Pow(length, lengthPenalty));
            using StepScope step = new(_device, recording: false);
            while (!search.Done)
            {
                int T = prompt.Length + search.Open[0].Length;
                int[] ids = [.. search.Open.SelectMany(beam => prompt.Concat(Tokens(beam)))];
                float[] scores = _model.NextTokenLogits(step.From<int>(ids, [search.Open.Count, T])).ToArray();
                step.Clear();
                search.Step(scores);
            }

            Assert.Equal(search.Best().Select(t => t.Tokens), BeamGenerator.Generate(_model, prompt, 24, options, s_end).Select(t => t.Tokens));
        }
    }

    // Not for each prompt: a beginning that pays only later can be given up by four beams though greedy goes on with it.
    [Fact]
    public void Beams_find_likelier_texts_than_greedy_on_average()
    {
        double gain = 0;
        int different = 0;
        for (int n = 0; n < 30; n++)
        {
            int[] prompt = [2 + n, 3 + (n * 7 % 50)];
            double[] logP = [.. new[] { 1, 4 }.Select(beams => BeamGenerator.Generate(_model, prompt, 16, new BeamOptions { Beams = beams, LengthPenalty = 0 }, new HashSet<int>())[0].LogP)];
            gain += logP[1] - logP[0];
            different += logP[1] > logP[0] + 1e-3 ? 1 : 0;
        }

        Assert.True(gain > 0 && different >= 5, $"{gain} over 30 prompts, {different} better");
    }

    [Fact]
    public void Limits_and_mistakes()
    {
        Assert.Empty(Assert.Single(BeamGenerator.Generate(_model, [3], 0, new BeamOptions(), s_end)).Tokens);
        Assert.Equal(4, Assert.Single(BeamGenerator.Generate(_model, [.. Enumerable.Range(2, 44)], 1000, new BeamOptions(), new HashSet<int>())).Tokens.Length);
        using CancellationTokenSource cancelled = new();
        cancelled.Cancel();
        Assert.Single(Assert.Single(BeamGenerator.Generate(_model, [3], 10, new BeamOptions(), s_end, cancelled.Token)).Tokens);
        Assert.Contains("the prompt is empty", Says([], new()), StringComparison.Ordinal);
        Assert.Equal("generate: the prompt has 48 tokens and the model reads 48 with what it writes; shorten it.", Says(new int[48], new()));
        Assert.Equal("generate: beams is 0, expected 1 or more.", Says([3], new() { Beams = 0 }));
        Assert.Equal("generate: 5 texts of 4 beams are wanted, expected from 1 to 4.", Says([3], new() { Returns = 5 }));
        Assert.Contains("length-penalty", Says([3], new() { LengthPenalty = double.NaN }), StringComparison.Ordinal);

        string Says(int[] prompt, BeamOptions options) => Assert.Throws<EngineException>(() => BeamGenerator.Generate(_model, prompt, 5, options, s_end)).Message;
    }

    internal static Arbitrary<int[]> Prompts() => Gen.Choose(2, 60).NonEmptyListOf().Select(list => list.Take(20).ToArray()).ToArbitrary();

    private static int[] Greedy(Gpt2 model, int[] prompt, int tokens) =>
        [.. TextGenerator.Generate(model, prompt, new SamplingOptions { Tokens = tokens, Temperature = 0f }).TakeWhile(t => !s_end.Contains(t))];

    private static int[] Tokens(Beam beam)
    {
        int[] tokens = new int[beam.Length];
        beam.CopyTo(tokens);
        return tokens;
    }

    // All texts of up to 5 tokens: ended by the end token, or by the limit.
    private void Visit(int[] prompt, int[] written, double logP, double lengthPenalty, List<BeamText> all)
    {
        if (written.Length > 0 && (s_end.Contains(written[^1]) || written.Length == 5))
        {
            all.Add(new BeamText(s_end.Contains(written[^1]) ? written[..^1] : written, logP, logP / Math.Pow(written.Length, lengthPenalty)));
            return;
        }

        using StepScope step = new(_device, recording: false);
        float[] next = _tiny.NextTokenLogits(step.From<int>([.. prompt, .. written], [1, prompt.Length + written.Length])).LogSoftmax(-1).ToArray();
        for (int token = 0; token < next.Length; token++)
        {
            Visit(prompt, [.. written, token], logP + next[token], lengthPenalty, all);
        }
    }
}
