using Engine.KernelLanguage;
using Engine.Kernels;
using Engine.Testing;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Tests.Profiling;

public sealed class KernelCostTests
{
    // What an alignment costs depends on lengths that only the device knows.
    private static readonly string[] s_silent = ["CtcBackward", "CtcCheck", "CtcForward"];

    [Fact]
    public unsafe void Every_kernel_says_what_it_costs()
    {
        // All arguments zero: a figure, though a small one.
        byte* arguments = stackalloc byte[4096];
        new Span<byte>(arguments, 4096).Clear();
        Assert.Equal(s_silent, KernelCatalog.All.Where(kernel => !double.IsFinite(Cost(kernel).Bytes)).Select(kernel => kernel.Name));

        KernelCost Cost(KernelDescriptor kernel)
        {
            try
            {
                return kernel.Cost(arguments, 1);
            }
            catch (DivideByZeroException)
            {
                // A group of no channels is no launch.
                return default;
            }
        }
    }

    [Fact]
    public void Layouts_count_each_element_once() => Prop.ForAll(
        ArbMap.Default.ArbFor<(byte A, byte B, byte C)>(),
        ArbMap.Default.ArbFor<(bool A, bool B, bool C)>(),
        (size, broadcast) =>
        {
            long[] sizes = [1 + (size.A % 5), 1 + (size.B % 5), 1 + (size.C % 5)];
            long[] strides = [broadcast.A ? 0 : sizes[1] * sizes[2], broadcast.B ? 0 : sizes[2], broadcast.C ? 0 : 1];
            long n = sizes[0] * sizes[1] * sizes[2];
            Layout layout = new(sizes, strides);
            Assert.Equal(Enumerable.Range(0, (int)n).Select(i => layout.At(i)).Distinct().Count(), layout.Distinct(n));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Attention_counts_the_pairs_that_are_seen() => Prop.ForAll(
        ArbMap.Default.ArbFor<(byte B, byte H, byte Tq, byte Tk, byte Window)>(),
        ArbMap.Default.ArbFor<bool>(),
        (size, causal) =>
        {
            AttentionShape s = new(1 + (size.B % 3), 2 * (1 + (size.H % 3)), 2, size.Tq % 20, size.Tk % 20, 4, 1f, causal, size.Window % 9);
            long pairs = 0;
            for (int i = 0; i < s.Tq; i++)
            {
                for (int j = 0; j < s.Tk; j++)
                {
                    pairs += j >= s.FirstKey(i) && j < s.EndKey(i) ? 1 : 0;
                }
            }

            Assert.Equal(pairs * s.B * s.Hq, s.Pairs);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_product_costs_2MNK_and_each_matrix_once()
    {
        using Device device = TestDevices.Reference();
        using Tensor a = Tensor.Zeros(device, [4, 5, 7]);
        using Tensor b = Tensor.Zeros(device, [7, 3]);
        device.BeginProfile();
        using Tensor y = a.MatMul(b);
        DeviceProfile profile = device.EndProfile();
        ProfiledLaunch product = Assert.Single(profile.Launches, l => l.Kernel.StartsWith("Gemm", StringComparison.Ordinal));
        Assert.Equal(new KernelCost(2 * 4 * 5 * 7 * 3, 4 * ((4 * 5 * 7) + (7 * 3) + (4 * 5 * 3))), product.Cost);
        Assert.Equal("MatMul", profile.Spans[product.Span].Name);
    }

    [Fact]
    public void Costs_add_up_and_what_is_unknown_stays_so()
    {
        KernelCost cost = new(2, 3);
        Assert.Equal(new KernelCost(4, 6), cost + cost);
        Assert.Equal(KernelCost.Unknown, cost + KernelCost.Unknown);
    }
}
