using System.Diagnostics;
using System.Runtime.InteropServices;
using Engine.KernelLanguage;
using Engine.Testing;
using Xunit;

namespace Engine.Tests.Devices;

/// <summary>The OpenCL device with kernels whose text is written by hand: launches, copies, views, timing.</summary>
[Collection(TestDevices.Collection)]
public sealed class OpenClDeviceTests(ITestOutputHelper output)
{
    public static TheoryData<int> Sizes => [1, 31, 33, 1025, 100_000, 300_000];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_kernel_runs_and_values_come_back(int n)
    {
        using Device device = TestDevices.Open("opencl");
        float[] values = [.. Enumerable.Range(0, n).Select(i => i - 7f)];
        Tensor x = Tensor.From<float>(device, values, [n]);
        Tensor y = Tensor.Empty(device, [n]);
        device.Launch(new Scale(x.Flat<float>(), y.Flat<float>(), 2.5f, n), Block.Cover(n));
        Assert.Equal(values.Select(v => 2.5f * v), Values(y));
        Assert.Equal(values, Values(x));
    }

    [Fact]
    public void A_view_starts_inside_its_buffer()
    {
        using Device device = TestDevices.Open("opencl");
        Tensor x = Tensor.From<float>(device, [1f, 2f, 3f, 4f, 5f, 6f, 7f], [7]);
        Tensor y = Tensor.From<float>(device, new float[7], [7]);
        device.Launch(new Scale(x.Flat<float>().From(3), y.Flat<float>().From(1), 10f, 2), 1);
        Assert.Equal([0f, 40f, 50f, 0f, 0f, 0f, 0f], Values(y));
    }

    [Fact]
    public void A_grid_of_no_blocks_does_nothing()
    {
        using Device device = TestDevices.Open("opencl");
        Tensor y = Tensor.From<float>(device, [3f], [1]);
        device.Launch(new Scale(default, y.Flat<float>(), 10f, 0), 0);
        Assert.Equal([3f], Values(y));
    }

    [Fact]
    public void Host_memory_may_change_as_soon_as_a_copy_returns()
    {
        using Device device = TestDevices.Open("opencl");
        const int N = 1000;
        float[] values = new float[N];
        Tensor[] x = [.. Enumerable.Range(0, 50).Select(_ => Tensor.Empty(device, [N]))];
        for (int i = 0; i < x.Length; i++)
        {
            Array.Fill(values, i);
            x[i].Load<float>(values);
        }

        Array.Fill(values, -1f);
        for (int i = 0; i < x.Length; i++)
        {
            Assert.All(Values(x[i]), v => Assert.Equal(i, v));
        }
    }

    [Fact]
    public void A_launch_does_not_wait_and_allocates_nothing()
    {
        using Device device = TestDevices.Open("opencl");
        const int N = 1 << 22;
        Tensor x = Tensor.From<float>(device, new float[N], [N]);
        Tensor y = Tensor.Empty(device, [N]);
        Scale heavy = new(x.Flat<float>(), y.Flat<float>(), 2f, N);
        device.Launch(heavy, Block.Cover(N));
        device.Synchronize();

        const int Launches = 400;
        long before = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < Launches; i++)
        {
            device.Launch(heavy, Block.Cover(N));
        }

        TimeSpan launched = Stopwatch.GetElapsedTime(start);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        device.Synchronize();
        TimeSpan done = Stopwatch.GetElapsedTime(start);
        output.WriteLine($"{Launches} launches queued in {launched.TotalMicroseconds / Launches:0.00} µs each, done after {done.TotalMilliseconds:0} ms");
        Assert.True(launched < done / 4, $"queued after {launched.TotalMilliseconds} ms, done after {done.TotalMilliseconds} ms");
    }

    [Fact]
    public void The_overhead_of_a_launch_is_small()
    {
        using Device device = TestDevices.Open("opencl");
        Tensor x = Tensor.From<float>(device, [1f], [1]);
        Tensor y = Tensor.Empty(device, [1]);
        Scale tiny = new(x.Flat<float>(), y.Flat<float>(), 2f, 1);
        double best = double.MaxValue;
        for (int round = 0; round < 20; round++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < 1000; i++)
            {
                device.Launch(tiny, 1);
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMicroseconds / 1000);
            device.Synchronize();
        }

        output.WriteLine($"{best:0.00} µs a launch");
        Assert.True(best < 20, $"{best} µs a launch");
    }

    [Fact]
    public void Profiling_times_each_kernel()
    {
        using Device device = TestDevices.Open("opencl");
        const int N = 1 << 20;
        Tensor x = Tensor.From<float>(device, new float[N], [N]);
        Tensor y = Tensor.Empty(device, [N]);
        Scale kernel = new(x.Flat<float>(), y.Flat<float>(), 2f, N);
        device.Launch(kernel, Block.Cover(N));
        device.BeginProfile();
        device.Launch(kernel, Block.Cover(N));
        device.Launch(kernel, Block.Cover(N));
        KernelTime time = Assert.Single(device.EndProfile().Kernels);
        device.Launch(kernel, Block.Cover(N));
        Assert.Equal(("Scale", 2), (time.Kernel, time.Launches));
        Assert.InRange(time.Nanoseconds, 1000, 10_000_000_000);
        Assert.Equal("opencl:0: profiling has not begun; call BeginProfile() first.", Assert.Throws<EngineException>(() => device.EndProfile()).Message);
    }

    [Fact]
    public void A_steady_step_allocates_nothing_and_does_not_drift()
    {
#if DEBUG
        Assert.Skip("Unoptimised code allocates for collection literals; run the tests with -c Release.");
#endif
        using Device device = TestDevices.Open("opencl");
        using StepScope step = new(device);
        Tensor w = Tensor.From<float>(device, [0.1f, 0.2f, 0.3f, 0.4f], [2, 2]);
        w.Data.RequiresGrad = true;
        float[] input = [1f, 2f];
        void Step()
        {
            Tensor x = step.From<float>(input, [2, 1]);
            Tensor loss = ((x + w).Tanh() * w).Sum(0).Permute(0).Slice(0, 0, 2).Mean();
            step.Backward(loss);
            w.Data.HasGrad = false;
            step.Clear();
        }

        for (int i = 0; i < 50; i++)
        {
            Step();
        }

        long live = device.Memory.LiveBytes;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            Step();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(live, device.Memory.LiveBytes);
    }

    [Fact]
    public void A_tensor_moves_to_another_device_and_back()
    {
        using Device opencl = TestDevices.Open("opencl");
        using Device cpu = new CpuDevice(threads: 1);
        const int N = 300_001;
        float[] values = [.. Enumerable.Range(0, 2 * N).Select(i => (float)i)];
        Tensor x = Tensor.From<float>(cpu, values, [2, N]);
        Tensor moved = x.Permute(1, 0).To(opencl);
        Assert.Same(opencl, moved.Device);
        Tensor back = moved.To(cpu);
        Assert.Equal(x.Permute(1, 0).ToArray(), back.ToArray());
        Assert.Equal(Shape.Create([N, 2]), back.Shape);
    }

    [Fact]
    public unsafe void Work_that_fails_later_names_its_kernel_at_the_next_wait()
    {
        // The real loader, except that every event says it ended in an error: what a device does whose kernel breaks off.
        TestDevices.Require("opencl");
        SharedLibrary loader = SharedLibrary.TryOpen(OpenClApi.Names)!;
        OpenClApi broken = new(name => name == "clGetEventInfo"
            ? (nint)(delegate* unmanaged<nint, uint, nuint, void*, nuint*, int>)&FailedEvent
            : loader.Function(name));
        using OpenClDevice device = new(broken, 0);
        Tensor x = Tensor.From<float>(device, [1f], [1]);
        Tensor y = Tensor.Empty(device, [1]);
        Scale kernel = new(x.Flat<float>(), y.Flat<float>(), 2f, 1);
        const string Cause = "Scale (TestKernels.cs), launched before, failed on the device: " +
            "CL_OUT_OF_RESOURCES (-5): the device is out of memory, or the kernel broke off on it.";
        device.Launch(kernel, 1);
        Assert.Equal($"opencl:0: its work cannot be finished: {Cause}", Assert.Throws<EngineException>(device.Synchronize).Message);

        // It has been told once; the device goes on as far as it can.
        device.Synchronize();
        device.Launch(kernel, 1);
        Assert.Equal($"opencl:0: 4 B cannot be copied from it: {Cause}", Assert.Throws<EngineException>(() => y.Item()).Message);
        Assert.Equal(2f, y.Item());
    }

    [UnmanagedCallersOnly]
    private static unsafe int FailedEvent(nint launched, uint what, nuint size, void* value, nuint* length)
    {
        *(int*)value = OpenClStatus.OutOfResources;
        return OpenClStatus.Success;
    }

    private static float[] Values(Tensor x)
    {
        float[] values = new float[x.Count];
        x.CopyTo<float>(values);
        return values;
    }
}
