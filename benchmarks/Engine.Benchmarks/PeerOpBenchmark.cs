using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Engine.Benchmarks;

/// <summary>
/// One op forward and backward, as <c>benchmarks/peers/ops.sh</c> compares it. Prints one line of JSON: the median of the
/// milliseconds, by how much the first run raised the peak of resident memory above what the inputs take, and each result's dot
/// product with fixed numbers and length. Usage: <c>op NAME [threads] [seconds]</c>.
/// </summary>
internal static class PeerOpBenchmark
{
    private const int LeastRuns = 3;
    private const int CheckStream = 99;

    public static void Run(string[] args)
    {
        if (args.Length == 0 || !PeerOp.All.TryGetValue(args[0], out PeerOp? op))
        {
            throw new ArgumentException($"op: name one of {string.Join(", ", PeerOp.All.Keys)}.");
        }

        int threads = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 0;
        double seconds = args.Length > 2 ? double.Parse(args[2], CultureInfo.InvariantCulture) : 0.5;
        using CpuDevice device = new(threads);
        Action<Action<Tensor>?> run = op.Prepare(device);
        ForgetPeak();
        long before = Memory().WorkingSet64;
        run(null);
        long growth = Memory().PeakWorkingSet64 - before;
        List<object> check = [];
        run(result => check.Add(Digest(result)));
        List<double> milliseconds = [];
        long start = Stopwatch.GetTimestamp();
        while (milliseconds.Count < LeastRuns || Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
        {
            long one = Stopwatch.GetTimestamp();
            run(null);
            milliseconds.Add(Stopwatch.GetElapsedTime(one).TotalMilliseconds);
        }

        milliseconds.Sort();
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            label = "Engine",
            op = args[0],
            shape = op.Shape,
            bytes = op.Bytes,
            flops = op.Flops,
            threads = device.Threads,
            ms = milliseconds[milliseconds.Count / 2],
            growth_mib = growth / 1048576.0,
            check,
        }));
    }

    // Making the inputs has its own peak. Only Linux can forget it; ops.sh runs nowhere else.
    private static void ForgetPeak()
    {
        if (OperatingSystem.IsLinux())
        {
            File.WriteAllText("/proc/self/clear_refs", "5");
        }
    }

    // A fresh object: an old one remembers what it has read.
    private static Process Memory() => Process.GetCurrentProcess();

    private static object Digest(Tensor result)
    {
        double dot = 0;
        double squares = 0;
        float[] values = result.ToArray();
        for (long i = 0; i < values.Length; i++)
        {
            dot += values[i] * (double)PeerOp.Number(i, CheckStream);
            squares += values[i] * (double)values[i];
        }

        return new { dot, length = Math.Sqrt(squares) };
    }
}
