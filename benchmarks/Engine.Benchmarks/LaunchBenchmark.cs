using System.Diagnostics;
using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>
/// What a launch costs the host: many launches of a kernel with next to nothing to do, queued without waiting, and the wait for
/// all of them apart. Arguments: devices, for example <c>cpu opencl</c>; default every device that is there.
/// </summary>
internal static class LaunchBenchmark
{
    private const int Launches = 2_000;
    private const int Rounds = 25;

    public static void Run(string[] args)
    {
        string[] names = args.Length > 0 ? args : [.. Device.List().Where(d => d.Problem is null).Select(d => d.Name)];
        Console.WriteLine($"{"device",-12} {"first result",13} {"queued: min",12} {"median",8} {"done: median",13} {"bytes/launch",13}");
        foreach (string name in names)
        {
            Measure(name);
        }
    }

    private static void Measure(string name)
    {
        long opened = Stopwatch.GetTimestamp();
        using Device device = Device.Open(name);
        using Tensor x = Tensor.Zeros(device, [1]);
        Scale(device, x);
        _ = x.Item();
        double first = Stopwatch.GetElapsedTime(opened).TotalMilliseconds;
        double[] queued = new double[Rounds];
        double[] done = new double[Rounds];
        long allocated = 0;
        for (int round = 0; round < Rounds; round++)
        {
            device.Synchronize();
            long bytes = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < Launches; i++)
            {
                Scale(device, x);
            }

            queued[round] = Stopwatch.GetElapsedTime(start).TotalMicroseconds / Launches;
            allocated = GC.GetAllocatedBytesForCurrentThread() - bytes;
            device.Synchronize();
            done[round] = Stopwatch.GetElapsedTime(start).TotalMicroseconds / Launches;
        }

        Array.Sort(queued);
        Array.Sort(done);
        Console.WriteLine(
            $"{name,-12} {first,10:F1} ms {queued[0],9:F2} us {queued[Rounds / 2],5:F2} us {done[Rounds / 2],10:F2} us {(double)allocated / Launches,13:F1}");
    }

    private static void Scale(Device device, Tensor x) =>
        device.Launch(new Map<Scale, float, Float32Element>(x.Flat<float>(), x.Flat<float>(), 1f, 1), Block.Cover(1));
}
