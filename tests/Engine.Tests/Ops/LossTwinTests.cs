using Engine.Testing;
using Xunit;

namespace Engine.Tests.Ops;

/// <summary>Softmax and fused losses against their definitions in other ops, on every device.</summary>
[Collection(TestDevices.Collection)]
public sealed class LossTwinTests
{
    public static TheoryData<string> DeviceNames => [.. TestDevices.Names.Prepend("None/1")];

    public static TheoryData<string, int, int, int> Heads =>
        [.. from device in TestDevices.Names
            from size in new[] { (1, 1, 1), (97, 65, 33), (130, 8200, 5), (259, 8200, 3) }
            select (device, size.Item1, size.Item2, size.Item3)];

    [Theory]
    [MemberData(nameof(Heads))]
    public void The_fused_head_is_a_linear_layer_and_cross_entropy(string device, int N, int V, int C)
    {
        InputSpec[] inputs = [new([N, C]), new([V, C]), InputSpec.Ints([N], V)];
        Same(
            device,
            inputs,
            x => x[0].LinearCrossEntropy(x[1], x[2], ignoreIndex: 0),
            x => LinearCrossEntropyOp.Slow(x[0], x[1], x[2], 0));
    }

    [Theory]
    [MemberData(nameof(DeviceNames))]
    public void Softmax_and_losses_equal_their_slow_twins(string device)
    {
        InputSpec[] one = [new([3, 7, 33], -4f, 4f)];
        InputSpec[] two = [new([9, 33], -4f, 4f), new([9, 33], 0f, 1f)];
        Same(device, one, x => x[0].Softmax(1), x => SoftmaxOp.Slow(x[0], 1, log: false));
        Same(device, one, x => x[0].LogSoftmax(-1), x => SoftmaxOp.Slow(x[0], -1, log: true));
        Same(device, two, x => x[0].SoftCrossEntropy(x[1], LossReduction.None), x => SoftCrossEntropyOp.Slow(x[0], x[1]));
        Same(device, two, x => x[0].CosineSimilarity(x[1]), x => CosineSimilarityOp.Slow(x[0], x[1], 1e-8f));
        Same(device, two, x => x[0].MseLoss(x[1]), x => (x[0] - x[1]).Square().Mean());
        Same(device, two, x => x[0].L1Loss(x[1]), x => (x[0] - x[1]).Abs().Mean());
        Same(device, two, x => x[0].SmoothL1Loss(x[1], 0f), x => (x[0] - x[1]).Abs().Mean());
        Same(device, two, x => x[0].HuberLoss(x[1], 9f), x => (x[0] - x[1]).Square().Mean() * 0.5f);
        Same(device, two, x => x[0].BceWithLogits(x[1]), x => (x[0].Softplus() - (x[0] * x[1])).Mean());
    }

    [Fact]
    public void The_fused_head_never_holds_all_logits()
    {
        const int N = 1024;
        const int V = 4096;
        using CpuDevice device = new(threads: 1);
        using StepScope scope = new(device);
        Tensor x = scope.From<float>(new float[N * 4], [N, 4], requiresGrad: true);
        Tensor w = scope.From<float>(new float[V * 4], [V, 4], requiresGrad: true);
        Tensor loss = x.LinearCrossEntropy(w, scope.From<int>(new int[N], [N]));
        scope.Backward(loss);
        Assert.Equal(MathF.Log(V), loss.Item(), 1e-4f);
        Assert.True(device.Memory.PeakBytes < N * V * sizeof(float) / 2, $"{device.Memory.PeakBytes} bytes at the peak");
    }

    [Theory]
    [InlineData(768, 65, 768)]
    [InlineData(1024, 50257, 256)]
    [InlineData(130, 50257, 130)]
    [InlineData(300, 50257, 150)]
    [InlineData(0, 65, 0)]
    public void Chunks_have_nearly_equal_size(long N, long V, long rows) => Assert.Equal(rows, LinearCrossEntropyOp.ChunkRows(N, V));

    private static void Same(string device, InputSpec[] inputs, Func<Tensor[], Tensor> fast, Func<Tensor[], Tensor> slow)
    {
        using Device under = TestDevices.Open(device);
        using Device reference = TestDevices.Reference();
        OpCheck.Outcome actual = OpCheck.Run(new("fast", inputs, (_, x) => fast(x)), under);
        OpCheck.Outcome expected = OpCheck.Run(new("slow", inputs, (_, x) => slow(x)), reference);
        Tolerance.Parity.AssertClose(expected.Result, actual.Result, "result");
        for (int i = 0; i < inputs.Length; i++)
        {
            Assert.Equal(expected.Grads[i] is null, actual.Grads[i] is null);
            if (expected.Grads[i] is { } grad)
            {
                Tolerance.Parity.AssertClose(grad, actual.Grads[i], $"gradient {i}");
            }
        }
    }
}
