using Engine.Testing;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Tests.Ops;

/// <summary>Laws, corner cases and error messages of softmax and the losses.</summary>
[Collection(TestDevices.Collection)]
public sealed class LossTests : IDisposable
{
    private static readonly Arbitrary<(int N, int V, ulong Seed)> Logits = Arb.From(
        from n in Gen.Choose(1, 9)
        from v in Gen.Choose(1, 80)
        from seed in Gen.Choose(0, 1000)
        select (n, v, (ulong)seed));

    private readonly CpuDevice _device = new(threads: 1);
    private readonly StepScope _scope;

    public LossTests() => _scope = new StepScope(_device);

    public static TheoryData<string> DeviceNames => [.. TestDevices.Names.Prepend("None/1")];

    public void Dispose()
    {
        _scope.Dispose();
        _device.Dispose();
    }

    [Fact]
    public void Softmax_is_a_distribution_and_ignores_a_shift() => Prop.ForAll(Logits, c =>
    {
        float[] x = Values(c.N * c.V, c.Seed, 10f);
        float[] p = _scope.From<float>(x, [c.N, c.V]).Softmax(-1).ToArray();
        float[] shifted = (_scope.From<float>(x, [c.N, c.V]) + 64f).Softmax(-1).ToArray();
        _scope.Clear();
        bool sums = Enumerable.Range(0, c.N).All(n => Math.Abs(p.Skip(n * c.V).Take(c.V).Sum(v => (double)v) - 1) <= 1e-5);
        return sums && p.All(v => v is >= 0f and <= 1.000001f) && p.Zip(shifted).All(z => Math.Abs(z.First - z.Second) <= 1e-4f);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Cross_entropy_is_that_of_the_smoothed_one_hot_distribution() => Prop.ForAll(Logits, c =>
    {
        const float eps = 0.2f;
        float[] x = Values(c.N * c.V, c.Seed, 5f);
        int[] targets = Targets(c.N, c.V, c.Seed);
        float[] q = new float[c.N * c.V];
        Array.Fill(q, eps / c.V);
        for (int n = 0; n < c.N; n++)
        {
            q[(n * c.V) + targets[n]] += 1f - eps;
        }

        float hard = _scope.From<float>(x, [c.N, c.V]).CrossEntropy(_scope.From<int>(targets, [c.N]), labelSmoothing: eps).Item();
        float soft = _scope.From<float>(x, [c.N, c.V]).SoftCrossEntropy(_scope.From<float>(q, [c.N, c.V])).Item();
        _scope.Clear();
        return Math.Abs(hard - soft) <= 1e-4f * Math.Max(1f, soft);
    }).QuickCheckThrowOnFailure();

    [Theory]
    [MemberData(nameof(DeviceNames))]
    public void If_every_target_is_ignored_the_mean_is_NaN_and_the_gradient_0(string name)
    {
        using Device device = TestDevices.Open(name);
        using StepScope scope = new(device);
        Tensor x = scope.From<float>(Values(6, 1, 1f), [2, 3], requiresGrad: true);
        Tensor w = scope.From<float>(Values(6, 2, 1f), [2, 3], requiresGrad: true);
        Tensor t = scope.From<int>([-100, -100], [2]);
        Tensor loss = x.CrossEntropy(t);
        Tensor fused = x.LinearCrossEntropy(w, t);
        Assert.True(float.IsNaN(loss.Item()) && float.IsNaN(fused.Item()));
        Assert.Equal(0f, x.CrossEntropy(t, LossReduction.Sum).Item());
        scope.Backward(loss + fused);
        Assert.Equal(new float[6], StepScope.Grad(x).ToArray());
        Assert.Equal(new float[6], StepScope.Grad(w).ToArray());
    }

    [Theory]
    [MemberData(nameof(DeviceNames))]
    public void Logits_of_any_size_give_finite_losses(string name)
    {
        using Device device = TestDevices.Open(name);
        using StepScope scope = new(device);
        Tensor x = scope.From<float>([1e4f, -1e4f, 3e38f, -3e38f], [2, 2], requiresGrad: true);
        Tensor loss = x.CrossEntropy(scope.From<int>([0, 0], [2]), LossReduction.None);
        Assert.Equal([0f, 0f], loss.ToArray());
        Assert.Equal([1f, 0f, 1f, 0f], x.Softmax(-1).ToArray());
        Assert.Equal(20000f, x.CrossEntropy(scope.From<int>([1, 0], [2]), LossReduction.Sum).Item());
        Assert.Equal(1e4f, scope.From<float>([-1e4f], [1]).BceWithLogits(scope.From<float>([1f], [1])).Item());
        scope.Backward(loss.Sum());
        Assert.Equal(new float[4], StepScope.Grad(x).ToArray());
    }

    [Theory]
    [InlineData(17)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    public void A_target_that_is_no_class_is_named(int target)
    {
        Tensor targets = _scope.From<int>([3, -100, target], [3]);
        Refuses(
            () => _scope.Empty([3, 17]).CrossEntropy(targets),
            $"CrossEntropy: index {target} at position 2 of targets (3,) is outside the classes of x (3, 17); expected 0 to 16, or -100 for none. [int32, cpu]");
        Refuses(
            () => _scope.Empty([3, 5]).LinearCrossEntropy(_scope.Empty([17, 5]), targets),
            $"LinearCrossEntropy: index {target} at position 2 of targets (3,) is outside the classes of weight (17, 5); expected 0 to 16, or -100 for none. [int32, cpu]");
    }

    [Fact]
    public void Errors_name_shapes_and_what_was_expected()
    {
        Tensor x = _scope.Empty([2, 9, 21]);
        Tensor wanting = _scope.From<float>(new float[21], [21], requiresGrad: true);
        Refuses(() => x.Softmax(3), "Softmax: axis 3 does not exist in x (2, 9, 21); expected -3 to 2. [float32, cpu]");
        Refuses(() => _scope.Empty([3], DType.Int32).LogSoftmax(0), "LogSoftmax: x (3,) is int32, expected float32. Convert it with To(DType.Float32). [int32, cpu]");
        Refuses(() => x.CrossEntropy(Ints([2, 8])), "CrossEntropy: x (2, 9, 21) needs one target a row, but targets has shape (2, 8). Expected targets (2, 9). [float32, cpu]");
        Refuses(() => x.CrossEntropy(_scope.Empty([2, 9])), "CrossEntropy: targets (2, 9) is float32, expected int32. Convert it with To(DType.Int32). [float32, cpu]");
        Refuses(() => x.CrossEntropy(Ints([2, 9]), classWeights: _scope.Empty([9])), "CrossEntropy: last axis of x (2, 9, 21) is 21, but classWeights has shape (9,). Expected classWeights (21,). [float32, cpu]");
        Refuses(() => x.CrossEntropy(Ints([2, 9]), classWeights: wanting), "CrossEntropy: classWeights (21,) requires a gradient, which this op does not compute. Call Detach() on it. [float32, cpu]");
        Refuses(() => x.CrossEntropy(Ints([2, 9]), labelSmoothing: 1.5f), "CrossEntropy: labelSmoothing 1.5 is not between 0 and 1 for x (2, 9, 21). [float32, cpu]");
        Refuses(() => x.LinearCrossEntropy(_scope.Empty([50, 20]), Ints([2, 9])), "LinearCrossEntropy: last axis of x (2, 9, 21) is 21, but weight has shape (50, 20). Expected weight (V, 21). [float32, cpu]");
        Refuses(() => x.LinearCrossEntropy(_scope.Empty([50, 21]), Ints([18])), "LinearCrossEntropy: x (2, 9, 21) needs one target a row, but targets has shape (18,). Expected targets (2, 9). [float32, cpu]");
        Refuses(() => x.SoftCrossEntropy(_scope.Empty([2, 21])), "SoftCrossEntropy: x has shape (2, 9, 21), but target has shape (2, 21). Expected equal shapes. [float32, cpu]");
        Refuses(() => x.MseLoss(_scope.Empty([2, 9, 1])), "MseLoss: x has shape (2, 9, 21), but target has shape (2, 9, 1). Expected equal shapes. [float32, cpu]");
        Refuses(() => x.SmoothL1Loss(x, -1f), "SmoothL1Loss: beta -1 is not 0 or above, for x (2, 9, 21). [float32, cpu]");
        Refuses(() => x.HuberLoss(x, 0f), "HuberLoss: delta 0 is not positive, for x (2, 9, 21). [float32, cpu]");
        Refuses(() => x.BceWithLogits(x, _scope.Empty([9])), "BceWithLogits: last axis of x (2, 9, 21) is 21, but positiveWeight has shape (9,). Expected positiveWeight (21,). [float32, cpu]");
        Refuses(() => x.BceWithLogits(x, wanting), "BceWithLogits: positiveWeight (21,) requires a gradient, which this op does not compute. Call Detach() on it. [float32, cpu]");
        Refuses(() => x.CosineSimilarity(_scope.Empty([2, 9, 20])), "CosineSimilarity: x has shape (2, 9, 21), but other has shape (2, 9, 20). Expected equal shapes. [float32, cpu]");
    }

    [Fact]
    public void A_zero_row_has_cosine_0_with_every_row() =>
        Assert.Equal([0f], _scope.From<float>(new float[3], [1, 3]).CosineSimilarity(_scope.From<float>([1f, 2f, 3f], [1, 3])).ToArray());

    private static float[] Values(int n, ulong seed, float range)
    {
        RandomStream random = new(seed, stream: 5);
        float[] values = new float[n];
        for (int i = 0; i < n; i++)
        {
            values[i] = range * ((2f * random.NextUniform()) - 1f);
        }

        return values;
    }

    private static int[] Targets(int n, int bound, ulong seed)
    {
        RandomStream random = new(seed, stream: 6);
        int[] targets = new int[n];
        for (int i = 0; i < n; i++)
        {
            targets[i] = (int)random.NextInt(bound);
        }

        return targets;
    }

    private static void Refuses(Func<object?> act, string message) =>
        Assert.Equal(message, Assert.Throws<EngineException>(act).Message);

    private Tensor Ints(Shape shape) => _scope.From<int>(new int[shape.Count], shape);
}
