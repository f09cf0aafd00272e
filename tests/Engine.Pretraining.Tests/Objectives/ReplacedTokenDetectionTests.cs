using Engine.Nn;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Data;
using Engine.Pretraining.Evaluation;
using Engine.Pretraining.Models;
using Engine.Pretraining.Objectives;
using Engine.Pretraining.Objectives.Masking;
using Engine.Pretraining.Tests.Tokenizers;
using Engine.Testing;
using Xunit;

namespace Engine.Pretraining.Tests.Objectives;

public sealed class ReplacedTokenDetectionTests
{
    [Fact]
    public void Loss_and_gradient_are_PyTorchs() => OperatorFixture.Check("loss_align", "electra_rtd", new Dictionary<string, Func<OperatorFixture.Inputs, Tensor>>
    {
        ["electra_rtd"] = i => ReplacedTokenDetection.DetectionLoss(i["x"], i["y"], i["mask"] / i["mask"].Sum()),
    });

    [Fact]
    public void Samples_follow_the_softmax()
    {
        // Rows of the same logits with u at the middles of N equal parts: classes get their share of N to within one.
        const int N = 1000;
        float[] logits = [0f, 1f, -2f, 3f, 0.5f];
        double total = logits.Sum(z => Math.Exp(z));
        using CpuDevice device = new();
        using StepScope step = new(device, recording: false);
        Tensor samples = ReplacedTokenDetection.Sample(
            step.From<float>([.. Enumerable.Range(0, N).SelectMany(_ => logits)], [N, 5]),
            step.From<float>([.. Enumerable.Range(0, N).Select(i => (i + 0.5f) / N)], [N, 1]));
        float[] drawn = samples.ToArray();
        for (int v = 0; v < 5; v++)
        {
            Assert.InRange(drawn.Count(d => d == v), (N * Math.Exp(logits[v]) / total) - 1.01, (N * Math.Exp(logits[v]) / total) + 1.01);
        }
    }

    [Fact]
    public void A_sample_is_always_a_class()
    {
        using CpuDevice device = new();
        using StepScope step = new(device, recording: false);
        float last = MathF.BitDecrement(1f);
        Tensor samples = ReplacedTokenDetection.Sample(
            step.From<float>([.. Enumerable.Range(0, 3000).Select(i => (float)Math.Sin(i))], [1, 3000]), step.From<float>([last], [1, 1]));
        Assert.InRange(samples.ToArray()[0], 2990, 2999);
        Assert.Equal([0f], ReplacedTokenDetection.Sample(step.From<float>([0f, 0f], [1, 2]), step.From<float>([0f], [1, 1])).ToArray());
        Assert.Equal([1f], ReplacedTokenDetection.Sample(step.From<float>([-200f, 0f], [1, 2]), step.From<float>([0f], [1, 1])).ToArray());
    }

    // The generator's bias makes every sample one token. In a text of a and b, "a" is often what stood there, "[UNK]" (1) never.
    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(1)]
    public void A_sample_equal_to_the_original_counts_as_real_and_padding_not_at_all(int sampled)
    {
        string text = string.Join("\n\n", Enumerable.Range(0, 12).Select(d => string.Join(' ', Enumerable.Range(0, 5 + d).Select(i => (i * (d + 3)) % 7 < 4 ? "a" : "b"))));
        PieceTokenizer tokenizer = new(text);
        FullSentences sequences = new(Documents.Read(new Corpus("text", text), tokenizer), 16, cls: 2, sep: 3, across: false);
        PretrainConfig config = new() { BatchSize = 8, BlockSize = 16, EvalBatches = 1 };
        MaskingOptions masking = new() { Probability = 0.4, MaxPredictions = 6, MaskShare = 0.85, RandomShare = 0 };
        EncoderBatches batches = new(config, sequences, sequences, new TokenMasker(tokenizer, masking, 16, "electra"), 6, pad: 0);
        using CpuDevice device = new();
        using Electra model = new(device, new EncoderConfig
        {
            VocabSize = tokenizer.VocabSize, HiddenSize = 32, EmbeddingSize = 16, NumHiddenLayers = 1, NumAttentionHeads = 2, IntermediateSize = 32, MaxPositionEmbeddings = 16,
        }, generatorSize: 0.5);
        Set("generator.generator_lm_head.bias", i => i == sampled ? 100f : 0f);
        Set("discriminator.discriminator_predictions.dense_prediction.weight", i => 3f * MathF.Sin(i));
        Set("discriminator.discriminator_predictions.dense_prediction.bias", _ => 2f);
        ReplacedTokenDetection objective = new(model, batches, weight: 50, seed: 1);
        using StepScope step = new(device, recording: false);
        float total = objective.EvaluationLoss(step, 0).Item();
        Dictionary<string, double> figures = objective.TakeFigures().ToDictionary(f => f.Name, f => f.Value);

        int[] original = batches.InputIds.ToArray();
        int[] filled = batches.InputIds.ToArray();
        for (int i = 0; i < batches.Labels.Length; i++)
        {
            if (batches.Labels[i] >= 0)
            {
                (original[batches.Rows[i]], filled[batches.Rows[i]]) = (batches.Labels[i], sampled);
            }
        }

        // What the discriminator must have read, and its loss in plain numbers: softplus(z) − z·[replaced], over what is no padding.
        int[] mask = batches.AttentionMask.ToArray();
        EncoderInput input = batches.Input(step) with { InputIds = step.From<int>(filled, [1, filled.Length]) };
        float[] z = model.ReplacedLogits(model.Hidden(input)).ToArray();
        (float Score, bool Replaced)[] tokens = [.. Enumerable.Range(0, z.Length).Where(i => mask[i] > 0).Select(i => (z[i], filled[i] != original[i]))];
        Assert.Contains(0, mask);
        Assert.Contains(tokens, t => t.Replaced);
        Assert.Equal(sampled == 1, tokens.Count(t => t.Replaced) == batches.Labels.ToArray().Count(l => l >= 0));
        Assert.Equal(tokens.Average(t => Math.Log(1 + Math.Exp(t.Score)) - (t.Replaced ? t.Score : 0)), figures["rtd_loss"], 1e-4);
        Assert.Equal(RankStatistics.AreaUnderCurve(tokens), figures["rtd_auc"], 1e-3);
        Assert.Equal(figures["mlm_loss"] + (50 * figures["rtd_loss"]), total, 1e-2);

        void Set(string name, Func<int, float> value)
        {
            Parameter parameter = model.Parameters.Single(p => p.Name == name);
            parameter.Value.Load<float>([.. Enumerable.Range(0, (int)parameter.Value.Shape.Count).Select(value)]);
        }
    }

    [Fact]
    public void Area_under_the_curve_counts_pairs()
    {
        Assert.Equal(1.0, RankStatistics.AreaUnderCurve([(0.1f, false), (0.2f, false), (0.3f, true)]));
        Assert.Equal(0.0, RankStatistics.AreaUnderCurve([(0.1f, true), (0.2f, false)]));
        Assert.Equal(0.5, RankStatistics.AreaUnderCurve([(1f, true), (1f, false), (1f, false)]));
        Assert.Equal(4.5 / 9, RankStatistics.AreaUnderCurve([(1f, true), (1f, false), (2f, false), (3f, true), (4f, true), (5f, false)]), 12);
        Assert.True(double.IsNaN(RankStatistics.AreaUnderCurve([(1f, true)])));
    }
}
