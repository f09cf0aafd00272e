using Engine.Pretraining.Generation;
using Engine.Pretraining.Models;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Pretraining.Tests.Generation;

/// <summary>A draft changes how fast a text is written, and not which text (greedy) or how texts are distributed (drawn).</summary>
public sealed class SpeculativeGeneratorTests : IDisposable
{
    private readonly CpuDevice _device = new(1);
    private readonly Gpt2 _model;
    private readonly Gpt2 _draft;

    public SpeculativeGeneratorTests()
    {
        _model = Model(61, positions: 40, layers: 2, seed: 5);
        _draft = Model(61, positions: 24, layers: 1, seed: 6);
    }

    public void Dispose()
    {
        _model.Dispose();
        _draft.Dispose();
        _device.Dispose();
    }

    // 60 tokens go past the context of both.
    [Fact]
    public void Greedy_texts_are_those_of_the_model_alone() => Prop.ForAll(BeamGeneratorTests.Prompts(), Gen.Choose(1, 30).ToArbitrary(), (prompt, guesses) =>
    {
        SamplingOptions options = new() { Tokens = 60, Temperature = 0f, RepetitionPenalty = guesses % 2 == 0 ? 1.2f : 1f };
        int[] alone = [.. TextGenerator.Generate(_model, prompt, options)];
        Speculation other = new(_draft, guesses);
        Speculation same = new(_model, guesses);
        return alone.Distinct().Count() > 1
            && SpeculativeGenerator.Generate(_model, other, prompt, options).SequenceEqual(alone)
            && SpeculativeGenerator.Generate(_model, same, prompt, options).SequenceEqual(alone)
            && same.Accepted == same.Drafted && same.Accepted + same.Passes == 60
            && other.Accepted + other.Passes == 60 && other.Accepted < other.Drafted;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(25));

    [Theory]
    [InlineData(1f, 0, 1f, 0f, 1f)]
    [InlineData(0.7f, 3, 1f, 0f, 1f)]
    [InlineData(1.2f, 0, 0.8f, 0f, 1.3f)]
    [InlineData(1f, 0, 1f, 0.2f, 1f)]
    public void Drawn_texts_are_distributed_as_the_models_own(float temperature, int topK, float topP, float minP, float penalty)
    {
        const int Texts = 3000;
        const int V = 5;
        using Gpt2 model = Model(V, positions: 8, layers: 1, seed: 7);
        using Gpt2 draft = Model(V, positions: 8, layers: 1, seed: 8);
        SamplingOptions options = new() { Tokens = 3, Temperature = temperature, TopK = topK, TopP = topP, MinP = minP, RepetitionPenalty = penalty };
        int[] prompt = [2, 4];
        double[] expected = new double[V * V * V];
        TokenSampler sampler = new(options);
        Visit([], 1);

        Speculation speculation = new(draft, 2);
        double chiSquare = ChiSquare(seed => SpeculativeGenerator.Generate(model, speculation, prompt, options with { Seed = seed }), out double threshold);
        Assert.InRange(chiSquare, 0, threshold);
        Assert.InRange((double)speculation.Accepted / speculation.Drafted, 0.05, 0.95);

        // What the draft writes alone would not pass.
        Assert.True(ChiSquare(seed => TextGenerator.Generate(draft, prompt, options with { Seed = seed }), out _) > threshold);

        void Visit(int[] written, double p)
        {
            if (written.Length == 3)
            {
                expected[Cell(written)] = p;
                return;
            }

            int[] text = [.. prompt, .. written];
            using StepScope step = new(_device, recording: false);
            double[] next = new double[V];
            sampler.Distribute(model.NextTokenLogits(step.From<int>(text, [1, text.Length])).ToArray(), text, next);
            Assert.Equal(1, next.Sum(), 9);
            for (int token = 0; token < V; token++)
            {
                Visit([.. written, token], p * next[token]);
            }
        }

        // Cells of fewer than five expected texts are one cell. Its mean is the degrees of freedom, its deviation √(2·degrees): four of these are 1 in 10,000 or so.
        double ChiSquare(Func<ulong, IEnumerable<int>> write, out double threshold)
        {
            double[] seen = new double[expected.Length];
            for (int n = 0; n < Texts; n++)
            {
                seen[Cell([.. write((ulong)n)])]++;
            }

            (double Seen, double Expected) rest = default;
            double sum = 0;
            int cells = 0;
            for (int i = 0; i < seen.Length; i++)
            {
                double e = expected[i] * Texts;
                if (e < 5)
                {
                    rest = (rest.Seen + seen[i], rest.Expected + e);
                    continue;
                }

                sum += (seen[i] - e) * (seen[i] - e) / e;
                cells++;
            }

            sum += rest.Expected >= 1 ? (rest.Seen - rest.Expected) * (rest.Seen - rest.Expected) / rest.Expected : rest.Seen > 10 ? double.PositiveInfinity : 0;
            threshold = cells + (4 * Math.Sqrt(2 * cells));
            return sum;
        }

        static int Cell(int[] text) => (((text[0] * V) + text[1]) * V) + text[2];
    }

    [Fact]
    public void Limits_and_mistakes()
    {
        Assert.Empty(SpeculativeGenerator.Generate(_model, new Speculation(_draft), [3], new SamplingOptions { Tokens = 0 }));
        Assert.Single(SpeculativeGenerator.Generate(_model, new Speculation(_draft), [3], new SamplingOptions { Tokens = 1 }));
        using Gpt2 other = Model(60, positions: 24, layers: 1, seed: 6);
        Assert.Equal(
            "generate: the draft has 60 tokens and the model 61; a draft needs the model's own vocabulary.",
            Assert.Throws<EngineException>(() => SpeculativeGenerator.Generate(_model, new Speculation(other), [3], new SamplingOptions())).Message);
        Assert.Contains("prompt is empty", Assert.Throws<EngineException>(() => SpeculativeGenerator.Generate(_model, new Speculation(_draft), [], new SamplingOptions())).Message, StringComparison.Ordinal);
        Assert.Equal("generate: draft-tokens is 0, expected 1 or more.", Assert.Throws<EngineException>(() => new Speculation(_draft, 0)).Message);
    }

    private Gpt2 Model(int vocabulary, int positions, int layers, ulong seed) =>
        new Gpt2(_device, new Gpt2Config { VocabSize = vocabulary, NPositions = positions, NEmbd = 32, NLayer = layers, NHead = 4 }, seed).Outspoken();
}
