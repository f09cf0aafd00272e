using Engine.KernelLanguage;
using Xunit;
using Xunit.Sdk;

namespace Engine.Kernels.Tests;

/// <summary>The lane test itself fails for kernels that are wrong in the ways it is there to find.</summary>
public sealed class KernelCaseSelfTests
{
    [Fact]
    public void A_stride_that_forgets_the_block_size_is_found() =>
        AssertFound(m => new Wrong(m.In(8), 8, Mistake.Stride), "buffer 0");

    [Fact]
    public void A_result_that_is_not_overwritten_is_found() =>
        AssertFound(m => new Wrong(m.Out(8), 8, Mistake.HalfWritten), "buffer 0");

    [Fact]
    public void A_missing_collective_is_found() =>
        AssertFound(m => new Wrong(m.Out(8), 8, Mistake.NoCollective), "buffer 0");

#if !DEBUG
    // In Debug the view itself refuses the index.
    [Fact]
    public void A_write_outside_is_found() =>
        AssertFound(m => new Wrong(m.Out(8), 9, Mistake.None), "a write outside buffer 0");
#endif

    [Fact]
    public void A_kernel_without_a_mistake_passes() =>
        KernelCase.Of("right", 1, m => new Wrong(m.Out(8), 8, Mistake.None)).AssertLanesAgree(4);

    private static void AssertFound(Func<KernelArguments, Wrong> make, string message) =>
        Assert.Contains(message, Assert.ThrowsAny<XunitException>(() => KernelCase.Of("wrong", 1, make).AssertLanesAgree(4)).Message, StringComparison.Ordinal);

    private enum Mistake
    {
        None,
        Stride,
        HalfWritten,
        NoCollective,
    }

    private readonly record struct Wrong(View<float> y, long n, Mistake mistake) : IKernel
    {
        public void Execute(in Block b)
        {
            long step = mistake == Mistake.Stride ? 1 : b.Size;
            long end = mistake == Mistake.HalfWritten ? n / 2 : n;
            float mine = 0f;
            for (long i = b.Lane; i < end; i += step)
            {
                mine += i;
                y[i] = mistake == Mistake.Stride ? y[i] + 1f : i;
            }

            float sum = mistake == Mistake.NoCollective ? mine : b.Sum(mine);
            b.Barrier();
            if (b.Lane == 0)
            {
                y[0] = sum;
            }
        }
    }
}
