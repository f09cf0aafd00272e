using Engine.Testing;
using Xunit;

namespace Engine.Tests.Cuda;

/// <summary>
/// Which products of 16 bits run with copies in the background, and that they are right, layout by layout: as CUDA's text on the host,
/// and on a GPU where there is one, of five times the size there, which fills half of up to 200 multiprocessors.
/// </summary>
[Collection(TestDevices.Collection)]
public sealed class WideProductTests
{
    private static readonly (int M, int N, int K, bool TransposeA, bool TransposeB, bool Pipelined)[] Products =
    [
        (256, 256, 72, false, false, true),
        (256, 256, 72, false, true, true),
        (256, 256, 72, true, false, true),
        (256, 256, 40, true, true, true),
        (255, 256, 40, false, false, true),
        (255, 256, 40, true, false, false),
        (256, 257, 40, false, true, true),
        (256, 256, 33, false, false, false),
        (24, 256, 40, false, false, false),
    ];

    public static TheoryData<string, int> Runs =>
        [.. from device in TestDevices.Accelerators.Where(d => d.StartsWith("cuda", StringComparison.Ordinal)).Append(TestDevices.CudaOnHost) from product in Enumerable.Range(0, Products.Length) select (device, product)];

    [Theory]
    [MemberData(nameof(Runs))]
    public void Wide_products_run_on_the_pipelined_kernel(string device, int product)
    {
        (int M, int N, int K, bool transposeA, bool transposeB, bool pipelined) = Products[product];
        int scale = device == TestDevices.CudaOnHost ? 1 : 5;
        (double[] expected, _) = Multiply(TestDevices.Cpus.First(), scale * M, scale * N, K, transposeA, transposeB);
        (double[] actual, string[] kernels) = Multiply(device, scale * M, scale * N, K, transposeA, transposeB);
        Assert.Equal(pipelined, kernels.Any(name => name.StartsWith("PipelinedGemm", StringComparison.Ordinal)));
        Assert.Equal(!pipelined, kernels.Any(name => name.StartsWith("TensorGemm", StringComparison.Ordinal)));

        // Both round the same sums to bfloat16, whose last place is 2⁻⁸ of a number.
        new Tolerance(1e-3, 1.0 / 128).AssertClose(expected, [.. actual.Select(x => (float)x)], "product");
    }

    private static (double[] Values, string[] Kernels) Multiply(string name, int M, int N, int K, bool transposeA, bool transposeB)
    {
        using Device device = TestDevices.Open(name);
        using StepScope step = new(device, recording: false);
        Tensor a = Operand(step, transposeA ? [K, M] : [M, K], 1);
        Tensor b = Operand(step, transposeB ? [N, K] : [K, N], 2);
        device.BeginProfile();
        Tensor c = (transposeA ? a.Transpose(0, 1) : a).MatMul(transposeB ? b.Transpose(0, 1) : b);
        DeviceProfile profile = device.EndProfile();
        return ([.. c.ToArray().Select(x => (double)x)], [.. profile.Launches.Select(l => l.Kernel)]);
    }

    private static Tensor Operand(StepScope step, Shape shape, int seed)
    {
        float[] values = new float[shape.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = MathF.Sin((i + 1) * 0.7f * seed);
        }

        return step.From<float>(values, shape).To(DType.BFloat16);
    }
}
