using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Tests.Ops;

/// <summary>CTC against its definition by enumeration, and what it refuses.</summary>
public sealed class CtcTests : IDisposable
{
    private readonly CpuDevice _device = new(threads: 1);
    private readonly StepScope _scope;

    public CtcTests() => _scope = new StepScope(_device);

    public void Dispose()
    {
        _scope.Dispose();
        _device.Dispose();
    }

    [Fact]
    public void The_loss_sums_over_every_path_that_collapses_to_the_target()
    {
        Gen<(int T, int C, int[] Labels, ulong Seed)> items =
            from t in Gen.Choose(1, 5)
            from c in Gen.Choose(2, 4)
            from labels in Gen.Choose(1, c - 1).ArrayOf()
            from seed in Gen.Choose(0, 1000)
            select (t, c, labels.Take(4).ToArray(), (ulong)seed);
        Prop.ForAll(Arb.From(items), item =>
        {
            float[] logProbs = Values(item.T * item.C, item.Seed);
            float loss = _scope.From<float>(logProbs, [item.T, 1, item.C]).CtcLoss(
                _scope.From<int>(item.Labels, [1, item.Labels.Length]), Ints(item.T), Ints(item.Labels.Length), reduction: LossReduction.Sum).Item();
            _scope.Clear();
            double expected = -Math.Log(Enumerate(logProbs, item.T, item.C, item.Labels));
            return double.IsInfinity(expected) ? float.IsPositiveInfinity(loss) : Math.Abs(loss - expected) <= 1e-4;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void An_item_without_a_path_costs_infinity_or_nothing()
    {
        Tensor x = _scope.From<float>(Values(2 * 3, 1), [2, 1, 3], requiresGrad: true);
        Assert.Equal(float.PositiveInfinity, x.CtcLoss(_scope.From<int>([1, 1], [1, 2]), Ints(2), Ints(2)).Item());
        Tensor loss = x.CtcLoss(_scope.From<int>([1, 1], [1, 2]), Ints(2), Ints(2), zeroInfinity: true);
        Assert.Equal(0f, loss.Item());
        _scope.Backward(loss);
        Assert.All(StepScope.Grad(x).ToArray(), g => Assert.Equal(0f, g));
    }

    [Fact]
    public void No_frames_fit_only_no_labels() =>
        Assert.Equal([0f, float.PositiveInfinity], _scope.From<float>(Values(2 * 3, 1), [1, 2, 3]).CtcLoss(
            _scope.From<int>([1, 1], [2, 1]), _scope.From<int>([0, 0], [2]), _scope.From<int>([0, 1], [2]), reduction: LossReduction.None).ToArray());

    [Fact]
    public void Labels_must_be_classes() => Refuses(
        () => Loss([1, 2, 9, 3, 4, 5], [3, 2], [2, 3]),
        "CtcLoss: label 4 at position 4 of targets (2, 3) is no class of logProbs (3, 2, 4); expected 0 to 3 without the blank, 0. [int32, cpu]");

    [Fact]
    public void The_blank_is_no_label() => Refuses(
        () => Loss([1, 0, 9, 3, 1, 2], [3, 2], [2, 3]),
        "CtcLoss: label 0 at position 1 of targets (2, 3) is no class of logProbs (3, 2, 4); expected 0 to 3 without the blank, 0. [int32, cpu]");

    [Fact]
    public void There_are_no_more_frames_than_given() => Refuses(
        () => Loss([1, 2, 9, 3, 1, 2], [3, 4], [2, 3]),
        "CtcLoss: index 4 at position 1 of inputLengths (2,) is outside the frames of logProbs (3, 2, 4); expected 0 to 3. [int32, cpu]");

    [Fact]
    public void There_are_no_more_labels_than_given() => Refuses(
        () => Loss([1, 2, 9, 3, 1, 2], [3, 3], [-1, 3]),
        "CtcLoss: index -1 at position 0 of targetLengths (2,) is outside the labels of targets (2, 3); expected 0 to 3. [int32, cpu]");

    [Fact]
    public void The_blank_is_a_class() => Refuses(
        () => Loss([1, 2, 3, 3, 1, 2], [3, 3], [3, 3], blank: 4),
        "CtcLoss: the blank 4 is no class of logProbs (3, 2, 4); expected 0 to 3. [float32, cpu]");

    [Fact]
    public void Every_item_needs_a_length() => Refuses(
        () => Loss([1, 2, 3, 3, 1, 2], [3], [3, 3]),
        "CtcLoss: inputLengths has shape (1,), expected (2,). [int32, cpu]");

    [Fact]
    public void Every_item_needs_a_target() => Refuses(
        () => _scope.Empty([3, 2, 4]).CtcLoss(_scope.From<int>([1, 2, 3], [1, 3]), Ints(3), Ints(3)),
        "CtcLoss: targets has shape (1, 3), expected (2, 3). [int32, cpu]");

    // The sum of the probabilities of the C^T paths that give the labels.
    private static double Enumerate(float[] logProbs, int T, int C, int[] labels)
    {
        double sum = 0;
        for (int path = 0; path < (int)Math.Pow(C, T); path++)
        {
            double log = 0;
            int before = 0;
            List<int> collapsed = [];
            for (int t = 0, rest = path; t < T; t++, rest /= C)
            {
                int c = rest % C;
                log += logProbs[(t * C) + c];
                if (c != 0 && c != before)
                {
                    collapsed.Add(c);
                }

                before = c;
            }

            sum += collapsed.SequenceEqual(labels) ? Math.Exp(log) : 0;
        }

        return sum;
    }

    private static float[] Values(int n, ulong seed)
    {
        RandomStream random = new(seed, stream: 4);
        float[] values = new float[n];
        for (int i = 0; i < n; i++)
        {
            values[i] = -2f * random.NextUniform();
        }

        return values;
    }

    private static void Refuses(Func<object?> act, string message) =>
        Assert.Equal(message, Assert.Throws<EngineException>(act).Message);

    private Tensor Ints(int value) => _scope.From<int>([value], [1]);

    private Tensor Loss(int[] targets, int[] frames, int[] labels, int blank = 0) => _scope.From<float>(Values(24, 1), [3, 2, 4]).CtcLoss(
        _scope.From<int>(targets, [2, 3]), _scope.From<int>(frames, [frames.Length]), _scope.From<int>(labels, [2]), blank);
}
