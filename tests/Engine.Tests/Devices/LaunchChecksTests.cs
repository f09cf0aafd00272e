using Engine.KernelLanguage;
using Xunit;

namespace Engine.Tests.Devices;

/// <summary>A launch that cannot work says why before it starts.</summary>
public sealed unsafe class LaunchChecksTests
{
    private static readonly KernelDescriptor Kernel = KernelDescriptor<Scale>.Instance;

    [Fact]
    public void A_kernel_without_device_text_says_so() => Assert.Equal(
        "CpuOnly: this kernel has no device text and cannot run on opencl:0; mark its struct [Kernel] and partial, or use the device cpu.",
        Assert.Throws<EngineException>(() => LaunchChecks.SourceOf(KernelDescriptor<CpuOnly>.Instance, "opencl:0")).Message);

    [Fact]
    public void Too_many_lanes_say_so()
    {
        Assert.Equal(64, LaunchChecks.Lanes(Kernel, "cuda:0", 256, 64));
        Assert.Equal(
            "Wide: asks for blocks of 512 lanes, but cuda:0 has at most 256 a block.",
            Assert.Throws<EngineException>(() => LaunchChecks.Lanes(KernelDescriptor<Wide>.Instance, "cuda:0", 64, 256)).Message);
    }

    [Fact]
    public void Too_much_shared_memory_says_so() => Assert.Equal(
        "Scale: a block takes 64.0 KiB of shared memory, but cuda:0 has 48.0 KiB a block; use a smaller tile.",
        Assert.Throws<EngineException>(() => LaunchChecks.SharedMemory(Kernel, "cuda:0", 65536, 49152)).Message);

    [Fact]
    public void Too_large_a_grid_says_so() => Assert.Equal(
        "Scale: a grid of 11 blocks is too large: cuda:0 takes at most 10; split the tensor.",
        Assert.Throws<EngineException>(() => Launch(0x1000, 0x2000, blocks: 11)).Message);

    [Theory]
    [InlineData(0x1000, 0x1000)]
    [InlineData(0x1000, 0x1000 + 396)]
    [InlineData(0x1000 + 4, 0x1000)]
    public void Overlapping_views_are_refused(long x, long y) => Assert.Equal(
        "Scale: y and x overlap in memory, but y must not share memory with another argument [cuda:0]; pass a copy of one.",
        Assert.Throws<EngineException>(() => Launch(x, y, blocks: 1)).Message);

    [Theory]
    [InlineData(0x1000, 0x1000 + 400)]
    [InlineData(0x1000 + 400, 0x1000)]
    [InlineData(0, 0)]
    public void Views_side_by_side_or_absent_are_not(long x, long y) => Launch(x, y, blocks: 10);

    private static void Launch(long x, long y, long blocks)
    {
        byte* bytes = stackalloc byte[KernelArguments.MaxBytes];
        KernelArguments.Entry* entries = stackalloc KernelArguments.Entry[KernelArguments.MaxCount];
        KernelArguments arguments = new(bytes, entries);
        new Scale(new View<float>((float*)x, 100), new View<float>((float*)y, 100), 2f, 100).Bind(ref arguments);
        new LaunchChecks(Kernel, "cuda:0", maxBlocks: 10).Launch(arguments, blocks);
    }

    private readonly record struct CpuOnly : IKernel
    {
        public void Execute(in Block b)
        {
        }
    }

    private readonly record struct Wide : IKernel
    {
        public static KernelSource Source { get; } = TestKernels.Source("Wide", 512, [], "{ }");

        public void Execute(in Block b)
        {
        }
    }
}
