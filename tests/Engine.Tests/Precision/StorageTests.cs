using Engine.KernelLanguage;
using Engine.Testing;
using Xunit;

namespace Engine.Tests.Precision;

/// <summary>
/// Ops on bf16 and fp16 against the same op in float32 on the same (already rounded) inputs, on every device. Ops compute in
/// float32, so a result is the float32 one rounded once, and a gradient besides depends on what forward saved rounded.
/// </summary>
[Collection(TestDevices.Collection)]
public sealed class StorageTests
{
    private static readonly Dictionary<string, (Shape[] Inputs, Func<StepScope, Tensor[], Tensor> Run)> Cases = new()
    {
        ["gelu tanh"] = ([[5, 33]], (_, x) => x[0].GeluTanh()),
        ["tanh, by its result"] = ([[67]], (_, x) => x[0].Tanh()),
        ["exp of a strided view"] = ([[7, 5]], (_, x) => x[0].Transpose(0, 1).Exp()),
        ["sum"] = ([[5, 33], [5, 33]], (_, x) => x[0] + x[1]),
        ["difference, broadcast"] = ([[4, 5, 7], [5, 1]], (_, x) => x[0] - x[1]),
        ["product"] = ([[3, 65], [3, 65]], (_, x) => x[0] * x[1]),
        ["product, broadcast"] = ([[3, 17], [17]], (_, x) => x[0] * x[1]),
        ["linear"] = ([[2, 9, 33], [31, 33], [31]], (_, x) => x[0].Linear(x[1], x[2])),
        ["conv1d gelu"] = ([[9, 33], [33, 17], [17]], (_, x) => x[0].Conv1D(x[1], x[2], Activation.GeluTanh)),
        ["linear, many rows"] = ([[801, 7], [5, 7]], (_, x) => x[0].Linear(x[1])),
        ["linear, long sums"] = ([[3, 1100], [5, 1100]], (_, x) => x[0].Linear(x[1])),
        ["matmul"] = ([[13, 31], [31, 9]], (_, x) => x[0].MatMul(x[1])),
        ["matmul, batched"] = ([[2, 3, 5, 7], [3, 7, 4]], (_, x) => x[0].MatMul(x[1])),
        ["layer norm"] = ([[9, 65]], (s, x) => x[0].LayerNorm(s.Ones(65), s.Ones(65))),
        ["rms norm"] = ([[33, 17]], (s, x) => x[0].RmsNorm(s.Ones(17))),
        ["embedding"] = ([[11, 17]], (s, x) => x[0].Embedding(s.From<int>([3, 10, 3, 0, 7], [5]))),
        ["dropout"] = ([[4, 33]], (_, x) => x[0].Dropout(0.3f)),
        ["cross-entropy"] = ([[5, 33]], (s, x) => x[0].CrossEntropy(s.From<int>([0, 32, 7, -100, 7], [5]))),
        ["linear cross-entropy"] = ([[5, 17], [33, 17]], (s, x) => x[0].LinearCrossEntropy(x[1], s.From<int>([0, 32, 7, -100, 7], [5]))),
        ["attention"] = ([[2, 4, 9, 16], [2, 2, 9, 16], [2, 2, 9, 16]], (_, x) => x[0].ScaledDotProductAttention(x[1], x[2], new(Causal: true))),
        ["attention, many blocks"] = ([[1, 2, 70, 20], [1, 2, 131, 20], [1, 2, 131, 20]], (_, x) => x[0].ScaledDotProductAttention(x[1], x[2])),
        ["attention, wide heads"] = ([[1, 1, 5, 150], [1, 1, 7, 150], [1, 1, 7, 150]], (_, x) => x[0].ScaledDotProductAttention(x[1], x[2])),
        ["rotary embedding"] = ([[2, 3, 5, 8]], (_, x) => x[0].RotaryEmbedding(offset: 2)),
        ["causal self-attention"] = ([[2, 33, 48]], (_, x) => x[0].CausalSelfAttention(2)),
        ["slices, reshaped"] = ([[6, 8]], (_, x) => (x[0].Slice(0, 1, 5) + x[0].Slice(0, 2, 6)).Reshape(8, 4).Permute(1, 0)),
    };

    public static TheoryData<string, DType, string> Runs =>
        [.. Cases.Keys.SelectMany(_ => new[] { DType.BFloat16, DType.Float16 }, (name, type) => (name, type))
            .SelectMany(_ => TestDevices.Names.Append("reference"), (c, device) => (c.name, c.type, device))];

    [Theory]
    [MemberData(nameof(Runs))]
    public void Result_and_gradients_are_those_of_float32_rounded(string name, DType type, string deviceName)
    {
        using Device reference = TestDevices.Reference();
        using Device device = deviceName == "reference" ? TestDevices.Reference() : TestDevices.Open(deviceName);
        (float[] Result, float[][] Grads, DType Type) expected = Run(name, type, reference, DType.Float32);
        (float[] Result, float[][] Grads, DType Type) actual = Run(name, type, device, type);

        // Losses are float32, all other results have the operands' type.
        Assert.True(actual.Type == type || (actual.Type == DType.Float32 && actual.Result.Length == 1));
        double u = Math.ScaleB(1, type == DType.BFloat16 ? -8 : -11);
        Tolerance once = new(2e-5, u + 2e-5);
        once.AssertClose(expected.Result, actual.Result, $"{name} in {type.Name()}");
        for (int i = 0; i < expected.Grads.Length; i++)
        {
            // One rounding of the gradient, and through what forward saved errors of the size of its largest element.
            double largest = expected.Grads[i].Max(Math.Abs);
            Tolerance some = new(2e-5 + (2 * u * largest), u + 2e-5);
            some.AssertClose(expected.Grads[i], actual.Grads[i], $"{name}, gradient {i}, in {type.Name()}");
        }

        Assert.Equal(0, device.Memory.LiveBytes);
    }

    // Inputs and the upstream gradient are numbers of the 16-bit type, whatever type they are given as.
    private static (float[] Result, float[][] Grads, DType Type) Run(string name, DType rounded, Device device, DType given)
    {
        (Shape[] shapes, Func<StepScope, Tensor[], Tensor> run) = Cases[name];
        StepScope scope = new(device, seed: 5);
        RandomStream random = new(11, stream: 1);
        Tensor[] inputs = [.. shapes.Select(shape => Rounded(scope, shape, random, rounded, given))];
        Tensor y = run(scope, inputs).Keep();
        float[] result = y.ToArray();
        Tensor wide = y.To(DType.Float32);
        scope.Backward((wide * Rounded(scope, y.Shape, random, rounded, DType.Float32).Detach()).Sum());
        float[][] grads = [.. inputs.Select(x => StepScope.Grad(x)).Select(g => g.ToArray())];
        Assert.All(inputs, x => Assert.Equal(given, StepScope.Grad(x).DType));
        DType type = y.DType;
        scope.Clear();
        return (result, grads, type);
    }

    private static Tensor Rounded(StepScope scope, Shape shape, RandomStream random, DType rounded, DType given)
    {
        float[] values = new float[shape.Count];
        for (int i = 0; i < values.Length; i++)
        {
            float x = (2f * random.NextUniform()) - 1f;
            values[i] = rounded == DType.BFloat16 ? (float)(BFloat16)x : (float)(Half)x;
        }

        return given switch
        {
            DType.BFloat16 => scope.From<BFloat16>([.. values.Select(x => (BFloat16)x)], shape, requiresGrad: true),
            DType.Float16 => scope.From<Half>([.. values.Select(x => (Half)x)], shape, requiresGrad: true),
            _ => scope.From<float>(values, shape, requiresGrad: true),
        };
    }
}

/// <summary>Operands that are float32 whatever the others are.</summary>
internal static class Float32Operands
{
    /// <summary>A float32 vector without a gradient.</summary>
    public static Tensor Ones(this StepScope scope, int n) => scope.From<float>([.. Enumerable.Repeat(1f, n)], [n]);
}
