using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Engine.Benchmarks;

/// <summary>
/// How fast the machine reads memory: every thread adds up its part of an array far larger than the caches, eight vectors
/// at a time, with nothing written; as one run or as four side by side, whichever is faster. The limit for whatever reads each weight once.
/// </summary>
internal static unsafe class ReadBandwidth
{
    private const long Bytes = 512L << 20;
    private const int Rounds = 7;

    /// <summary>The best of some rounds, in GB/s.</summary>
    public static double Measure(int threads)
    {
        byte* memory = (byte*)NativeMemory.AlignedAlloc((nuint)Bytes, 64);
        try
        {
            new Span<byte>(memory, (int)Bytes).Fill(1);
            double best = 0;
            for (int round = 0; round < Rounds; round++)
            {
                best = Math.Max(best, Bytes / Math.Min(Time(memory, threads, 1), Time(memory, threads, 4)) / 1e9);
            }

            return best;
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }

    private static double Time(byte* memory, int threads, int runs)
    {
        long part = Bytes / threads;
        float[] sums = new float[threads];
        long start = Stopwatch.GetTimestamp();
        Thread[] others = [.. Enumerable.Range(1, threads - 1).Select(i => new Thread(() => sums[i] = Sum(memory + (i * part), part, runs)))];
        foreach (Thread other in others)
        {
            other.Start();
        }

        sums[0] = Sum(memory, part, runs);
        foreach (Thread other in others)
        {
            other.Join();
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return sums.All(float.IsFinite) ? seconds : throw new InvalidOperationException("the sum of tiny numbers is not finite");
    }

    private static float Sum(byte* from, long bytes, int runs)
    {
        Vector512<float> a = default, b = default, c = default, d = default;
        long run = bytes / runs;

        // With one run, its own next three vectors take the place of those of the other runs.
        long apart = runs == 1 ? 128 : run;
        long step = runs == 1 ? 512 : 128;
        for (byte* end = from + run; from < end; from += step)
        {
            a += Vector512.Load((float*)from) + Vector512.Load((float*)(from + 64));
            b += Vector512.Load((float*)(from + apart)) + Vector512.Load((float*)(from + apart + 64));
            c += Vector512.Load((float*)(from + (2 * apart))) + Vector512.Load((float*)(from + (2 * apart) + 64));
            d += Vector512.Load((float*)(from + (3 * apart))) + Vector512.Load((float*)(from + (3 * apart) + 64));
        }

        return Vector512.Sum(a + b + (c + d));
    }
}
