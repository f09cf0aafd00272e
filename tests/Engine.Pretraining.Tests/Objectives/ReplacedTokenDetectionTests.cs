using Engine.Pretraining.Evaluation;
using Engine.Pretraining.Objectives;
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
