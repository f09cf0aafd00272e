using Engine.KernelLanguage;
using Engine.Testing;
using Engine.Tests.Devices;
using Xunit;

namespace Engine.Tests.Cuda;

/// <summary>The CUDA device over a fake driver: memory, copies, launches and what it says when something fails.</summary>
public sealed unsafe class CudaDeviceTests
{
    private readonly FakeGpu _gpu = new();
    private readonly FakeCompiler _compiler = new();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(CudaStaging.SlotBytes / 4)]
    [InlineData((CudaStaging.SlotBytes / 4) + 1)]
    [InlineData((7 * CudaStaging.SlotBytes / 4) - 1)]
    public void Copies_come_back_though_the_source_changes_at_once(int count)
    {
        using CudaDevice device = Open();
        int[] values = [.. Enumerable.Range(0, count)];
        using Tensor x = Tensor.From<int>(device, values, [count]);
        Array.Fill(values, -1);
        int[] back = new int[count];
        x.CopyTo<int>(back);
        Assert.Equal(Enumerable.Range(0, count), back);
        Assert.Empty(_gpu.Faults);
    }

    [Fact]
    public void Everything_is_given_back()
    {
        using (CudaDevice device = Open())
        {
            using Tensor x = Tensor.From<float>(device, new float[300_000], [300_000]);
            Launch(device, x, x);
        }

        _gpu.Drain();
        Assert.Equal(0, _gpu.LiveBlocks);
        Assert.Equal(Count("MemHostAlloc"), Count("MemFreeHost"));
        Assert.Equal(Count("EventCreate"), Count("EventDestroy"));
        Assert.Equal(1, Count("ModuleUnload"));
        Assert.Equal("PrimaryCtxRelease", _gpu.Calls.Last());
    }

    [Fact]
    public void A_launch_passes_every_argument_as_it_is()
    {
        using CudaDevice device = Open();
        using Tensor x = Tensor.Zeros(device, [8192]);
        using Tensor y = Tensor.Zeros(device, [8192]);
        device.Launch(new Scale(x.Flat<float>(), y.Flat<float>(), 2.5f, 5000), Block.Cover(5000));
        device.Synchronize();
        FakeLaunch launch = _gpu.Launches.Last();
        Assert.Equal(("Scale", 2L, CudaPrograms.PreferredLanes), (launch.Kernel, launch.Blocks, launch.Lanes));
        Assert.Equal((nint)x.Flat<float>().Pointer, (nint)BitConverter.ToInt64(launch.Arguments[0]));
        Assert.Equal((nint)y.Flat<float>().Pointer, (nint)BitConverter.ToInt64(launch.Arguments[1]));
        Assert.Equal(2.5f, BitConverter.ToSingle(launch.Arguments[2]));
        Assert.Equal(5000L, BitConverter.ToInt64(launch.Arguments[3]));
    }

    [Fact]
    public void A_kernel_is_compiled_once()
    {
        using CudaDevice device = Open();
        using Tensor x = Tensor.Empty(device, [10]);
        using Tensor y = Tensor.Empty(device, [10]);
        Launch(device, x, y);
        Launch(device, y, x);
        Assert.Equal(["Scale.cu sm_80"], _compiler.Compiled);
    }

    [Fact]
    public void Memory_of_an_old_driver_is_not_stream_ordered_and_graphs_just_run()
    {
        using CudaDevice device = new(FakeGpu.OldDriver, _compiler, string.Empty, null);
        using (Tensor x = Tensor.From<float>(device, [1, 2, 3], [3]))
        {
            Assert.Equal([1, 2, 3], x.ToArray());
        }

        using LaunchGraph graph = device.CreateGraph();
        Assert.IsNotType<CudaGraph>(graph);
        Assert.Equal(0, Count("MemAllocAsync"));
        Assert.Equal(1, Count("MemAlloc"));
    }

    [Fact]
    public void Out_of_memory_gives_pooled_blocks_back_first_and_then_says_who_holds_what()
    {
        using CudaDevice device = Open();
        Tensor.Empty(device, [1000], tag: "old").Dispose();
        using Tensor held = Tensor.Empty(device, [2000], tag: "weights");
        _gpu.LargestBlock = 10_000;
        string message = Assert.Throws<EngineException>(() => Tensor.Empty(device, [1_000_000], tag: "MatMul")).Message;
        Assert.StartsWith("MatMul: out of memory on cuda:0: 3.8 MiB asked for, ", message, StringComparison.Ordinal);
        Assert.Contains("weights", message, StringComparison.Ordinal);
        Assert.Equal(1, Count("MemFreeAsync"));
    }

    [Fact]
    public void A_lost_device_says_what_ran_and_goes_on_saying_it()
    {
        using CudaDevice device = Open();
        using Tensor x = Tensor.Zeros(device, [10]);
        using Tensor y = Tensor.Zeros(device, [10]);
        Launch(device, x, y);
        _gpu.Fail("StreamSynchronize", 700);
        string message = Assert.Throws<EngineException>(() => y.ToArray()).Message;
        Assert.Equal(
            "cuda:0 is lost: a kernel read or wrote outside its memory (CUDA_ERROR_ILLEGAL_ADDRESS, code 700), noticed while waiting for the device. " +
            "The last kernel launched was Scale (TestKernels.cs); CUDA_LAUNCH_BLOCKING=1 shows which one failed. " +
            "Its memory is gone: start again, or resume from the last checkpoint.",
            message);
        Assert.Equal(message, Assert.Throws<EngineException>(() => Launch(device, x, y)).Message);
        Assert.Equal(message, Assert.Throws<EngineException>(() => Tensor.Empty(device, [10])).Message);
    }

    [Fact]
    public void A_failed_launch_names_kernel_file_and_grid()
    {
        using CudaDevice device = Open();
        using Tensor x = Tensor.Zeros(device, [10]);
        using Tensor y = Tensor.Zeros(device, [10]);
        _gpu.Fail("LaunchKernel", 701);
        Assert.Equal(
            "cuda:0: launching Scale (TestKernels.cs) with 1 blocks of 256 lanes: the block needs more registers or shared memory than a " +
            "multiprocessor has (CUDA_ERROR, code 701).",
            Assert.Throws<EngineException>(() => Launch(device, x, y)).Message);
    }

    [Fact]
    public void A_refused_image_shows_the_drivers_log()
    {
        using CudaDevice device = Open();
        using Tensor x = Tensor.Empty(device, [10]);
        _gpu.Fail("ModuleLoadDataEx", 218);
        Assert.Equal(
            "cuda:0: loading Scale (TestKernels.cs) (the log of the driver): what the driver says (CUDA_ERROR, code 218).",
            Assert.Throws<EngineException>(() => Launch(device, x, x)).Message);
    }

    [Fact]
    public void Kernels_are_timed_one_by_one()
    {
        using CudaDevice device = Open();
        using Tensor x = Tensor.Zeros(device, [10]);
        using Tensor y = Tensor.Zeros(device, [10]);
        device.BeginProfile();
        Launch(device, x, y);
        Launch(device, y, x);
        KernelTime time = Assert.Single(device.EndProfile().Kernels);
        Assert.Equal(("Scale", 2L), (time.Kernel, time.Launches));
        Assert.True(time.Nanoseconds >= 0);
    }

    [Fact]
    public void Times_of_many_kernels_follow_each_other()
    {
        // More than the events that are kept: times are read in between, each from the one before.
        using CudaDevice device = Open();
        using Tensor x = Tensor.Zeros(device, [10]);
        using Tensor y = Tensor.Zeros(device, [10]);
        device.BeginProfile();
        for (int i = 0; i < 2500; i++)
        {
            Launch(device, x, y);
        }

        DeviceProfile profile = device.EndProfile();
        Assert.Equal(2500, profile.Launches.Count);
        long last = 0;
        Assert.All(profile.Launches, launch =>
        {
            Assert.True(launch.Start >= last && launch.Start >= launch.Queued);
            last = launch.Start + launch.Nanoseconds;
        });
    }

    [Fact]
    public void A_device_that_is_not_there_says_how_many_are() => Assert.Equal(
        "cuda:3 is not there: this machine has 1 CUDA device, cuda:0.",
        Assert.Throws<EngineException>(() => new CudaDevice(FakeGpu.Driver, _compiler, string.Empty, null, ordinal: 3)).Message);

    [Fact]
    public void A_steady_launch_allocates_nothing()
    {
        // A driver whose launch does nothing: the fake one's own notes are managed objects.
        CudaDriver silent = new(
            name => name == "cuLaunchKernel" ? FakeFunctions.SilentLaunch : FakeFunctions.Table[name],
            name => FakeFunctions.Table.GetValueOrDefault(name));
        using CudaDevice device = new(silent, _compiler, string.Empty, null);
        using Tensor x = Tensor.Zeros(device, [10]);
        using Tensor y = Tensor.Empty(device, [10]);
        Launch(device, x, y);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            Launch(device, x, y);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    internal static void Launch(CudaDevice device, Tensor x, Tensor y) =>
        device.Launch(new Scale(x.Flat<float>(), y.Data == x.Data ? default : y.Flat<float>(), 2f, x.Count), Block.Cover(x.Count));

    private CudaDevice Open() => new(FakeGpu.Driver, _compiler, string.Empty, null);

    private int Count(string call) => _gpu.Calls.Count(c => c == call);
}
