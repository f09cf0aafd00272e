using Engine.Testing;
using Engine.Tests.Devices;
using Xunit;

namespace Engine.Tests.Cuda;

/// <summary>Repeated work as a graph: captured each time, updated, started once; with arguments, batches and memory that change.</summary>
public sealed class CudaGraphTests
{
    private readonly FakeGpu _gpu = new();

    [Fact]
    public void The_first_run_launches_the_second_makes_a_graph_and_the_others_update_it()
    {
        using CudaDevice device = Open();
        using Tensor x = Tensor.Zeros(device, [10]);
        using Tensor y = Tensor.Zeros(device, [10]);
        using LaunchGraph graph = device.CreateGraph();
        for (int step = 0; step < 4; step++)
        {
            _gpu.Calls.Clear();
            float factor = step;
            graph.Run(() => device.Launch(new Scale(x.Flat<float>(), y.Flat<float>(), factor, 10), 1));
            Assert.Equal(Expected(step), _gpu.Calls.Where(c => c.Contains("Graph", StringComparison.Ordinal) || c.Contains("Capture", StringComparison.Ordinal) || c == "LaunchKernel"));
            device.Synchronize();
            Assert.Equal(factor, BitConverter.ToSingle(_gpu.Launches.Last().Arguments[2]));
        }

        static string[] Expected(int step) => step switch
        {
            0 => ["LaunchKernel"],
            1 => ["StreamBeginCapture", "LaunchKernel", "StreamEndCapture", "GraphInstantiate", "GraphLaunch", "GraphDestroy"],
            _ => ["StreamBeginCapture", "LaunchKernel", "StreamEndCapture", "GraphExecUpdate", "GraphLaunch", "GraphDestroy"],
        };
    }

    [Fact]
    public void Work_of_another_shape_makes_the_graph_anew()
    {
        using CudaDevice device = Open();
        using Tensor x = Tensor.Zeros(device, [10]);
        using Tensor y = Tensor.Zeros(device, [10]);
        using CudaGraph graph = (CudaGraph)device.CreateGraph();
        int launches = 1;
        Action work = () =>
        {
            for (int i = 0; i < launches; i++)
            {
                CudaDeviceTests.Launch(device, x, y);
            }
        };
        graph.Run(work);
        graph.Run(work);
        graph.Run(work);
        Assert.Equal(1, graph.Instantiations);
        launches = 3;
        graph.Run(work);
        graph.Run(work);
        Assert.Equal(2, graph.Instantiations);
        device.Synchronize();

        // One is what zeroing launches, twice; then 1 + 1 + 1 + 3 + 3.
        Assert.Equal(9, _gpu.Launches.Count(l => l.Kernel == "Scale"));
    }

    [Fact]
    public void Batches_copied_inside_arrive_each_in_its_own_step()
    {
        using CudaDevice device = Open();
        using Tensor x = Tensor.Empty(device, [700_000]);
        using LaunchGraph graph = device.CreateGraph();
        float[] batch = new float[700_000];
        for (int step = 0; step < 6; step++)
        {
            Array.Fill(batch, step);
            graph.Run(() => x.Load<float>(batch));
            Array.Fill(batch, -1f);
            if (step % 2 == 1)
            {
                Assert.All(x.ToArray(), v => Assert.Equal(step, v));
            }
        }

        Assert.Empty(_gpu.Faults);
    }

    [Fact]
    public void Reading_inside_is_refused_and_the_device_goes_on()
    {
        using CudaDevice device = Open();
        using Tensor x = Tensor.From<float>(device, [1, 2, 3], [3]);
        using LaunchGraph graph = device.CreateGraph();
        graph.Run(() => { });
        Assert.Equal(
            "cuda:0: no tensor can be read or waited for while a step is captured as a graph. Read it after the step.",
            Assert.Throws<EngineException>(() => graph.Run(() => x.ToArray())).Message);
        Assert.Equal([1, 2, 3], x.ToArray());
        Assert.Equal(1, _gpu.Calls.Count(c => c == "StreamEndCapture"));
        graph.Run(() => x.Load<float>([4, 5, 6]));
        Assert.Equal([4, 5, 6], x.ToArray());
    }

    [Fact]
    public void Memory_taken_and_given_back_inside_is_no_part_of_the_graph()
    {
        using CudaDevice device = Open();
        using LaunchGraph graph = device.CreateGraph();
        graph.Run(() => { });
        graph.Run(() =>
        {
            Tensor.Empty(device, [5000]).Dispose();
            device.Trim();
        });
        Assert.Equal(1, _gpu.Calls.Count(c => c == "MemAlloc"));
        Assert.Equal("MemFreeAsync", _gpu.Calls.Last());
        device.Synchronize();
        Assert.Equal(0, _gpu.LiveBlocks);
    }

    [Fact]
    public void A_timed_kernel_is_not_captured()
    {
        using CudaDevice device = Open();
        using Tensor x = Tensor.Zeros(device, [10]);
        using Tensor y = Tensor.Zeros(device, [10]);
        using LaunchGraph graph = device.CreateGraph();
        graph.Run(() => { });
        device.BeginProfile();
        graph.Run(() => CudaDeviceTests.Launch(device, x, y));
        Assert.Equal("Scale", Assert.Single(device.EndProfile().Kernels).Kernel);
        Assert.DoesNotContain("StreamBeginCapture", _gpu.Calls);
    }

    private static CudaDevice Open() => new(FakeGpu.Driver, new FakeCompiler(), string.Empty, null);
}
