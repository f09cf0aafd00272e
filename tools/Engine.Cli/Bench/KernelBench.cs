using Engine.KernelLanguage;

namespace Engine.Cli.Bench;

/// <summary>The tensors of one bench, and the launch that is timed.</summary>
/// <param name="Tensors">Inputs and results.</param>
/// <param name="Results">Those of <paramref name="Tensors"/> that the kernel writes.</param>
/// <param name="Launch">Queues the kernel once.</param>
/// <param name="Cost">What a launch asks for.</param>
internal sealed record BenchCase(IReadOnlyList<Tensor> Tensors, IReadOnlyList<Tensor> Results, Action Launch, KernelCost Cost) : IDisposable
{
    /// <summary>The case of a kernel with its arguments.</summary>
    /// <param name="device">Where the tensors are.</param>
    /// <param name="kernel">The kernel.</param>
    /// <param name="blocks">The size of the grid.</param>
    /// <param name="inputs">The tensors that the kernel only reads.</param>
    /// <param name="results">Those that it writes.</param>
    public static BenchCase Of<TKernel>(Device device, TKernel kernel, long blocks, IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor> results)
        where TKernel : unmanaged, IKernel => new([.. inputs, .. results], results, () => device.Launch(kernel, blocks), kernel.Cost(blocks));

    public void Dispose()
    {
        foreach (Tensor tensor in Tensors)
        {
            tensor.Dispose();
        }
    }
}

/// <summary>One kernel at one size.</summary>
/// <param name="Kernel">The kernel's name without type arguments.</param>
/// <param name="Shape">The size as people write it; {0} stands for the varying number.</param>
/// <param name="Size">The varying number when timed.</param>
/// <param name="CheckSize">The varying number when checked against the C# body.</param>
/// <param name="Make">The case on a device at a size.</param>
internal sealed record KernelBench(string Kernel, string Shape, int Size, int CheckSize, Func<Device, int, BenchCase> Make)
{
    /// <summary>The shape with its size.</summary>
    public string ShapeAt(int size) => string.Format(System.Globalization.CultureInfo.InvariantCulture, Shape, size);

    /// <summary>The greatest difference between the device's results and those of the C# body, relative to the greatest result.</summary>
    public double Check(Device device)
    {
        using CpuDevice reference = new(threads: 0, SimdLevel.None);
        using BenchCase expected = Make(reference, CheckSize);
        using BenchCase actual = Make(device, CheckSize);
        expected.Launch();
        actual.Launch();
        double worst = 0;
        foreach ((Tensor e, Tensor a) in expected.Results.Zip(actual.Results))
        {
            using Tensor wide = e.To(DType.Float32);
            using Tensor other = a.To(DType.Float32);
            float[] x = wide.ToArray();
            float[] y = other.ToArray();
            double scale = x.Max(v => Math.Abs((double)v));
            worst = Math.Max(worst, x.Zip(y, (u, v) => Math.Abs((double)u - v)).Max() / Math.Max(scale, 1e-30));
        }

        return worst;
    }

    /// <summary>Numbers in [−1, 1), the same on every device.</summary>
    public static Tensor Numbers(Device device, ulong stream, Shape shape)
    {
        float[] values = new float[shape.Count];
        for (long i = 0; i < values.Length; i++)
        {
            values[i] = (2f * Philox.Uniform(7, stream, (ulong)i)) - 1f;
        }

        return Tensor.From<float>(device, values, shape, "bench");
    }
}
