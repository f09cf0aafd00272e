using Engine.Kernels;

namespace Engine;

/// <summary>
/// Copies between layouts, run by run: a run is a stretch over which both layouts step evenly, so the divisions that find a
/// place are done once a run and not once an element. Also fills. Neither does arithmetic, so there is one version for all widths.
/// </summary>
internal static unsafe class CopyOverride
{
    private const long ElementsPerTask = 1 << 15;

    public static void Register(CpuOverrides overrides)
    {
        overrides.Add<CopyStrided<int>>(&Copy<int>);
        overrides.Add<CopyStrided<ushort>>(&Copy<ushort>);
        overrides.Add<Fill<float>>(&Fill<float>);
        overrides.Add<Fill<int>>(&Fill<int>);
    }

    private static bool Copy<T>(in CopyStrided<T> k, CpuWorkers workers)
        where T : unmanaged
    {
        long run = k.from.IsFlat ? k.to.IsFlat ? ElementsPerTask : k.to.Inner
            : k.to.IsFlat ? k.from.Inner : Common(k.from.Inner, k.to.Inner);
        if (run < 4)
        {
            return false;
        }

        CopyState<T> state = new(k, run, Math.Max(1, ElementsPerTask / run));
        long perTask = run * state.RunsPerTask;
        workers.Run((k.n + perTask - 1) / perTask, &CopyTask<T>, &state);
        return true;
    }

    // A run that ends wherever either layout's innermost axis does: the smaller size, if it divides the larger.
    private static long Common(long a, long b) => a % b == 0 ? b : b % a == 0 ? a : 1;

    private static void CopyTask<T>(void* state, long index, int worker)
        where T : unmanaged
    {
        ref readonly CopyState<T> s = ref *(CopyState<T>*)state;
        long start = index * s.RunsPerTask * s.Run;
        long end = Math.Min(s.K.n, start + (s.RunsPerTask * s.Run));
        for (long i = start; i < end; i += s.Run)
        {
            CopyRun(
                s.K.x.Pointer + s.K.from.At(i), s.K.from.InnerStride, s.K.y.Pointer + s.K.to.At(i), s.K.to.InnerStride,
                Math.Min(s.Run, end - i));
        }
    }

    private static void CopyRun<T>(T* x, long xStep, T* y, long yStep, long n)
        where T : unmanaged
    {
        if (xStep == 1 && yStep == 1)
        {
            Buffer.MemoryCopy(x, y, n * sizeof(T), n * sizeof(T));
            return;
        }

        for (long i = 0; i < n; i++)
        {
            y[i * yStep] = x[i * xStep];
        }
    }

    private static bool Fill<T>(in Fill<T> k, CpuWorkers workers)
        where T : unmanaged
    {
        fixed (Fill<T>* state = &k)
        {
            workers.Run((k.n + ElementsPerTask - 1) / ElementsPerTask, &FillTask<T>, state);
        }

        return true;
    }

    private static void FillTask<T>(void* state, long index, int worker)
        where T : unmanaged
    {
        ref readonly Fill<T> k = ref *(Fill<T>*)state;
        long start = index * ElementsPerTask;
        new Span<T>(k.y.Pointer + start, (int)Math.Min(ElementsPerTask, k.n - start)).Fill(k.value);
    }

    private readonly record struct CopyState<T>(CopyStrided<T> K, long Run, long RunsPerTask)
        where T : unmanaged;
}
