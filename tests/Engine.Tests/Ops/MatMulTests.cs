using Engine.Testing;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Tests.Ops;

/// <summary>Laws, slow twins, storage types and error messages of the matrix products.</summary>
[Collection(TestDevices.Collection)]
public sealed class MatMulTests
{
    // Small integers multiply and add exactly in float32, so the laws hold bit for bit in any order of additions.
    private static readonly Arbitrary<(int M, int N, int K, ulong Seed)> Sizes = Arb.From(
        from m in Gen.Choose(1, 70)
        from n in Gen.Choose(1, 70)
        from k in Gen.Choose(1, 70)
        from seed in Gen.Choose(0, 1000)
        select (m, n, k, (ulong)seed));

    public static TheoryData<string, Activation, bool, bool> Layers =>
        [.. from device in TestDevices.Names
            from f in Enum.GetValues<Activation>()
            from outFirst in new[] { false, true }
            from bias in new[] { false, true }
            select (device, f, outFirst, bias)];

    [Fact]
    public void Transposing_a_product_exchanges_its_factors() => Prop.ForAll(Sizes, s =>
    {
        using Device device = new CpuDevice();
        StepScope scope = new(device, recording: false);
        Tensor a = Integers(scope, [s.M, s.K], s.Seed);
        Tensor b = Integers(scope, [s.K, s.N], s.Seed + 1);
        float[] left = a.MatMul(b).Transpose(0, 1).ToArray();
        float[] right = b.Transpose(0, 1).MatMul(a.Transpose(0, 1)).ToArray();
        scope.Clear();
        return left.SequenceEqual(right);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_product_distributes_over_a_sum() => Prop.ForAll(Sizes, s =>
    {
        using Device device = new CpuDevice();
        StepScope scope = new(device, recording: false);
        Tensor a = Integers(scope, [s.M, s.K], s.Seed);
        Tensor b = Integers(scope, [s.K, s.N], s.Seed + 1);
        Tensor c = Integers(scope, [s.K, s.N], s.Seed + 2);
        float[] left = a.MatMul(b + c).ToArray();
        float[] right = (a.MatMul(b) + a.MatMul(c)).ToArray();
        scope.Clear();
        return left.SequenceEqual(right);
    }).QuickCheckThrowOnFailure();

    [Theory]
    [MemberData(nameof(Layers))]
    public void A_linear_layer_equals_its_slow_twin(string device, Activation f, bool outFirst, bool bias)
    {
        InputSpec[] inputs = [new([3, 5, 37]), new(outFirst ? [41, 37] : [37, 41]), new([41], Grad: bias)];
        OpCase fast = new("fast", inputs, (_, x) => Layer(x[0], x[1], bias ? x[2] : default, f, outFirst));
        OpCase slow = new("slow", inputs, (_, x) => LinearOp.Slow(x[0], x[1], bias ? x[2] : default, f, outFirst));
        using Device under = TestDevices.Open(device);
        using Device reference = TestDevices.Reference();
        OpCheck.Outcome actual = OpCheck.Run(fast, under);
        OpCheck.Outcome expected = OpCheck.Run(slow, reference);
        Tolerance.Parity.AssertClose(expected.Result, actual.Result, "result");
        for (int i = 0; i < (bias ? 3 : 2); i++)
        {
            Tolerance.Parity.AssertClose(expected.Grads[i], actual.Grads[i], $"gradient {i}");
        }
    }

    [Theory]
    [InlineData(DType.BFloat16)]
    [InlineData(DType.Float16)]
    public void Sixteen_bit_operands_are_summed_in_float32_and_rounded_once(DType dtype)
    {
        using Device device = new CpuDevice();
        StepScope scope = new(device, recording: false);
        Tensor a = Integers(scope, [5, 300], 1).To(dtype);
        Tensor b = Integers(scope, [300, 7], 2).To(dtype);
        Tensor y = a.MatMul(b);
        Assert.Equal(dtype, y.DType);
        Assert.Equal(a.To(DType.Float32).MatMul(b.To(DType.Float32)).To(dtype).ToArray(), y.ToArray());
        Tensor z = a.Linear(b.Transpose(0, 1));
        Assert.Equal(dtype, z.DType);
        Assert.Equal(y.ToArray(), z.ToArray());
        scope.Clear();
    }

    [Fact]
    public void The_result_does_not_depend_on_the_number_of_threads()
    {
        OpCase c = new("mlp", [new([130, 96]), new([384, 96]), new([384]), new([96, 384])], (_, x) =>
            x[0].Linear(x[1], x[2], Activation.GeluTanh).Linear(x[3]));
        using Device one = new CpuDevice(threads: 1);
        using Device three = new CpuDevice(threads: 3);
        OpCheck.Outcome a = OpCheck.Run(c, one);
        OpCheck.Outcome b = OpCheck.Run(c, three);
        Assert.Equal(a.Result, b.Result);
        Assert.Equal(a.Grads, b.Grads);
    }

    [Fact]
    public void Errors_name_shapes_and_what_was_expected()
    {
        using Device device = TestDevices.Reference();
        StepScope scope = new(device);
        Tensor x = scope.Empty([2, 3]);
        Tensor half = scope.Empty([3, 2], DType.Float16);
        Assert.Equal("MatMul: a (2, 3) has 3 columns, but b (2, 3) has 2 rows. Expected b (…, 3, N). [float32, cpu]", Message(() => x.MatMul(x)));
        Assert.Equal("MatMul: a (3,) has rank 1, expected at least rank 2. [float32, cpu]", Message(() => scope.Empty([3]).MatMul(x)));
        Assert.Equal("MatMul: a (2, 3) is float32, but b (3, 2) is float16. Convert one with To(DType). [float32, cpu]", Message(() => x.MatMul(half)));
        Assert.Equal("MatMul: leading axes of a (2, 4, 3) and b (5, 3, 4) do not broadcast: axis −3 is 2 and 5; expected equal sizes or 1. [float32, cpu]", Message(() => scope.Empty([2, 4, 3]).MatMul(scope.Empty([5, 3, 4]))));
        Assert.Equal("Linear: last axis of x (2, 3) is 3, but weight has shape (3, 4). Expected weight (out, 3). [float32, cpu]", Message(() => x.Linear(scope.Empty([3, 4]))));
        Assert.Equal("Conv1D: last axis of x (2, 3) is 3, but weight has shape (4, 3). Expected weight (3, out). [float32, cpu]", Message(() => x.Conv1D(scope.Empty([4, 3]))));
        Assert.Equal("Conv1D: bias has shape (3,), expected (4,). [float32, cpu]", Message(() => x.Conv1D(scope.Empty([3, 4]), scope.Empty([3]))));
        Assert.Equal("Linear: weight (3,) has rank 1, expected rank 2. [float32, cpu]", Message(() => x.Linear(scope.Empty([3]))));
        Assert.Equal("MatMul: a (2, 3) is int32, expected float32, bfloat16 or float16. Convert it with To(DType). [int32, cpu]", Message(() => scope.Empty([2, 3], DType.Int32).MatMul(scope.Empty([3, 2], DType.Int32))));
        scope.Clear();
    }

    private static Tensor Layer(Tensor x, Tensor weight, Tensor bias, Activation f, bool outFirst) =>
        outFirst ? x.Linear(weight, bias, f) : x.Conv1D(weight, bias, f);

    private static string Message(Func<object> action) => Assert.Throws<EngineException>(action).Message;

    private static Tensor Integers(StepScope scope, Shape shape, ulong seed)
    {
        RandomStream random = new(seed, stream: 3);
        float[] values = new float[shape.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = random.NextInt(9) - 4;
        }

        return scope.From<float>(values, shape);
    }
}
