using Xunit;

namespace Engine.Tests.Ops;

/// <summary>What finite differences and fixtures do not show: extreme values, ties, NaN, and the fused ops' definitions.</summary>
public sealed class PointwiseTests : IDisposable
{
    private readonly CpuDevice _device = new(threads: 1);
    private readonly StepScope _step;

    public PointwiseTests() => _step = new StepScope(_device);

    public void Dispose()
    {
        _step.Clear();
        _device.Dispose();
    }

    public static TheoryData<string> StableFunctions => [.. Stable.Keys];

    // Value and derivative at −100 and at 100, where a naive formula overflows or cancels.
    private static readonly Dictionary<string, (Func<Tensor, Tensor> Run, float[] Values, float[] Slopes)> Stable = new()
    {
        ["Softplus"] = (x => x.Softplus(), [0f, 100f], [0f, 1f]),
        ["LogSigmoid"] = (x => x.LogSigmoid(), [-100f, 0f], [1f, 0f]),
        ["Sigmoid"] = (x => x.Sigmoid(), [0f, 1f], [0f, 0f]),
        ["Silu"] = (x => x.Silu(), [0f, 100f], [0f, 1f]),
        ["Mish"] = (x => x.Mish(), [0f, 100f], [0f, 1f]),
        ["Gelu"] = (x => x.Gelu(), [0f, 100f], [0f, 1f]),
        ["GeluTanh"] = (x => x.GeluTanh(), [0f, 100f], [0f, 1f]),
        ["QuickGelu"] = (x => x.QuickGelu(), [0f, 100f], [0f, 1f]),
        ["Elu"] = (x => x.Elu(), [-1f, 100f], [0f, 1f]),
        ["Tanh"] = (x => x.Tanh(), [-1f, 1f], [0f, 0f]),
        ["Erf"] = (x => x.Erf(), [-1f, 1f], [0f, 0f]),
    };

    [Theory]
    [MemberData(nameof(StableFunctions))]
    public void Functions_are_exact_at_minus_and_plus_100(string name)
    {
        Tensor x = _step.From<float>([-100f, 100f], [2], requiresGrad: true);
        Tensor y = Stable[name].Run(x).Keep();
        _step.Backward(y.Sum());
        Near(Stable[name].Values, y.ToArray());
        Near(Stable[name].Slopes, StepScope.Grad(x).ToArray());
    }

    [Fact]
    public void Small_values_keep_their_precision()
    {
        Tensor x = _step.From<float>([-1e-6f], [1]);
        Assert.Equal(-1e-6f, x.Elu().Item(), 1e-12f);
        Assert.Equal(-100f, _step.From<float>([-100f], [1]).LogSigmoid().Item());
        Assert.InRange(_step.From<float>([-50f], [1]).Softplus().Item(), 1.9287e-22f, 1.9288e-22f);
    }

    [Fact]
    public void Equal_operands_of_maximum_share_the_gradient()
    {
        Tensor a = _step.From<float>([1f, 2f, 3f], [3], requiresGrad: true);
        Tensor b = _step.From<float>([2f, 2f, 2f], [3], requiresGrad: true);
        Tensor high = a.Maximum(b).Keep();
        _step.Backward((high + (10f * a.Minimum(b))).Sum());
        Assert.Equal([2f, 2f, 3f], high.ToArray());
        Assert.Equal([10f, 5.5f, 1f], StepScope.Grad(a).ToArray());
        Assert.Equal([1f, 5.5f, 10f], StepScope.Grad(b).ToArray());
    }

    [Fact]
    public void The_first_of_equal_maxima_takes_the_gradient_and_NaN_wins()
    {
        Tensor x = _step.From<float>([1f, 5f, 5f, 2f], [4], requiresGrad: true);
        _step.Backward(x.Max(0));
        Assert.Equal([0f, 1f, 0f, 0f], StepScope.Grad(x).ToArray());
        Tensor y = _step.From<float>([1f, float.NaN, 5f, float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity], [2, 3]);
        int[] index = new int[2];
        y.ArgMax(-1).CopyTo<int>(index);
        Assert.Equal([1, 0], index);
        Assert.Equal([float.NaN, float.NegativeInfinity], y.Max(-1).ToArray());
        y.ArgMin(1).CopyTo<int>(index);
        Assert.Equal([1, 0], index);
    }

    [Fact]
    public void Comparisons_give_masks_and_are_false_for_NaN()
    {
        Tensor x = _step.From<float>([1f, 2f, float.NaN], [3]);
        Assert.Equal([0, 1, 0], Mask(x.Greater(1f)));
        Assert.Equal([1, 1, 0], Mask(x.GreaterOrEqual(1f)));
        Assert.Equal([1, 1, 0], Mask(x.Less(x + 1f)));
        Assert.Equal([0, 1, 0], Mask(x.EqualTo(2f)));
        Assert.Equal([1, 1, 0], Mask(x.LessOrEqual(x)));
        Assert.Equal([1, 0, 1], Mask(x.NotEqualTo(2f)));
        Assert.Equal([0, 1, 1], Mask(_step.From<int>([-1, 16777217, 16777216], [3]).GreaterOrEqual(16777216f)));
    }

    [Fact]
    public void Indices_outside_the_axis_are_refused_by_value_and_place()
    {
        Tensor x = _step.From<float>([1f, 2f, 3f, 4f], [2, 2]);
        Fails("IndexSelect: index 2 at position 1 of indices (2,) is outside the chosen axis of x (2, 2); expected 0 to 1. [int32, cpu]", () => x.IndexSelect(0, _step.From<int>([0, 2], [2])));
        Fails("Gather: index -1 at position 0 of indices (1, 2) is outside the chosen axis of x (1, 2); expected 0 to 1. [int32, cpu]", () => x.Gather(1, _step.From<int>([-1, 0], [1, 2])));
    }

    [Fact]
    public void Bad_shapes_and_types_are_named()
    {
        Tensor x = _step.From<float>([1f, 2f, 3f, 4f], [2, 2]);
        Tensor i = _step.From<int>([0, 1, 1], [3]);
        Fails("IndexSelect: indices (2, 2) is float32, expected int32. Convert it with To(DType.Int32). [float32, cpu]", () => x.IndexSelect(0, x));
        Fails("Gather: indices (3,) has rank 1, expected rank 2. [int32, cpu]", () => x.Gather(0, i));
        Fails("Gather: axis 1 of indices (1, 3) is longer than that of x (2, 2). [float32, cpu]", () => x.Gather(0, i.Unsqueeze(0)));
        Fails("MaskedFill: x (3,) does not broadcast to (2, 2): axis −1 is 3, expected 1 or 2. [int32, cpu]", () => x.MaskedFill(i, 0f));
        Fails("Where: shapes (2, 2) and (3,) do not broadcast: axis −1 is 2 and 3; expected equal sizes or 1. [int32, cpu]", () => Tensor.Where(i, x, x));
        Fails("Cat: tensor 1 has shape (1, 2, 2), which differs from (2, 2) in more than axis 0. [float32, cpu]", () => Tensor.Cat(0, x, x.Unsqueeze(0)));
        Fails("Cat: tensor 1 is int32, but tensor 0 is float32. [int32, cpu]", () => Tensor.Cat(0, x, i));
        Fails("Cat: no tensor is given; expected at least one.", () => Tensor.Cat(0));
        Fails("Stack: tensor 1 has shape (4,), but tensor 0 has (2, 2). [float32, cpu]", () => Tensor.Stack(0, x, x.Reshape(4)));
        Fails("Max: axis 1 of x (2, 0) is empty and has no extreme element. [float32, cpu]", () => x.Slice(1, 0, 0).Max(-1));
        Fails("Var: axis 2 does not exist in x (2, 2); expected -2 to 1. [float32, cpu]", () => x.Var(2));
        Fails("Clamp: low 1 is above high 0 for x (2, 2). [float32, cpu]", () => x.Clamp(1f, 0f));
        Fails("Greater: b (3,) is int32, expected float32. Convert it with To(DType.Float32). [int32, cpu]", () => x.Greater(i));
        Fails("EqualTo: a (3,) holds integers and cannot be compared with 0.5. [int32, cpu]", () => i.EqualTo(0.5f));
        Fails("Maximum: shapes (2, 2) and (3,) do not broadcast: axis −1 is 2 and 3; expected equal sizes or 1. [float32, cpu]", () => x.Maximum(i.To(DType.Float32)));
    }

    [Fact]
    public void Fused_ops_agree_with_their_definitions()
    {
        Agree(x => x.Var(1), x => VarOp.Slow(x, 1));
        Agree(x => x.L2Normalize(1), x => L2NormalizeOp.Slow(x, 1, 1e-12f));
        Agree(x => x.LogSumExp(1), x => LogSumExpOp.Slow(x, 1));
        Tensor mask = _step.From<int>([1, 0, 0, 1], [4]);
        Tensor share = mask.To(DType.Float32);
        Agree(x => Tensor.Where(mask, x.Square(), x), x => (share * x.Square()) + ((1f - share) * x));
    }

    private static void Near(float[] expected, float[] actual) => Assert.All(expected.Zip(actual), p => Assert.Equal(p.First, p.Second, 1e-6f));

    private static int[] Mask(Tensor mask)
    {
        int[] values = new int[mask.Count];
        mask.CopyTo<int>(values);
        return values;
    }

    private static void Fails(string message, Func<Tensor> run) => Assert.Equal(message, Assert.Throws<EngineException>(() => run()).Message);

    private void Agree(Func<Tensor, Tensor> fused, Func<Tensor, Tensor> slow)
    {
        (float[] value, float[] grad) = Run(fused);
        (float[] slowValue, float[] slowGrad) = Run(slow);
        Assert.All(slowValue.Zip(value), p => Assert.Equal(p.First, p.Second, 1e-5f));
        Assert.All(slowGrad.Zip(grad), p => Assert.Equal(p.First, p.Second, 1e-5f));
    }

    private (float[] Value, float[] Grad) Run(Func<Tensor, Tensor> op)
    {
        Tensor x = _step.From<float>([.. Enumerable.Range(0, 60).Select(i => MathF.Sin(i * i))], [3, 5, 4], requiresGrad: true);
        Tensor y = op(x).Keep();
        _step.Backward((y * y * y).Sum());
        return (y.ToArray(), StepScope.Grad(x).ToArray());
    }
}
