using System.Runtime.CompilerServices;
using Engine.Kernels;

namespace Engine;

/// <summary>
/// Copies between layouts, run by run: a run is a stretch over which both layouts step evenly, and from one run to the next a
/// layout counts up its axes, so there are no divisions but at the start. Also fills.
/// </summary>
internal static unsafe class CopySimd<S, V>
    where S : struct, ISimd<V>
    where V : struct
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
        if (k.from.IsFlat && k.to.IsFlat)
        {
            return Flat((byte*)k.x.Pointer, (byte*)k.y.Pointer, k.n * sizeof(T), workers);
        }

        long run = k.from.IsFlat ? LayoutWalk.Inner(k.to)
            : k.to.IsFlat ? LayoutWalk.Inner(k.from) : LayoutWalk.Common(LayoutWalk.Inner(k.from), LayoutWalk.Inner(k.to));
        if (run is < 4 or > int.MaxValue)
        {
            return false;
        }

        CopyState<T> state = new(k, run, Math.Max(1, ElementsPerTask / run));
        long perTask = run * state.RunsPerTask;
        workers.Run((k.n + perTask - 1) / perTask, &CopyTask<T>, &state);
        return true;
    }

    // As floats, whose bits a move does not change, and the odd bytes at the end.
    private static bool Flat(byte* x, byte* y, long bytes, CpuWorkers workers)
    {
        long floats = bytes / sizeof(float);
        Elementwise<S, V>.Run<float, float, float, Same<V>>((float*)x, null, (float*)y, 0f, floats, workers);
        for (long i = floats * sizeof(float); i < bytes; i++)
        {
            y[i] = x[i];
        }

        return true;
    }

    private static void CopyTask<T>(void* state, long index, int worker)
        where T : unmanaged
    {
        ref readonly CopyState<T> s = ref *(CopyState<T>*)state;
        long start = index * s.RunsPerTask * s.Run;
        long end = Math.Min(s.K.n, start + (s.RunsPerTask * s.Run));
        LayoutWalk from = new(s.K.from, start, s.Run);
        LayoutWalk to = new(s.K.to, start, s.Run);
        for (long i = start; i < end; i += s.Run)
        {
            CopyRun(s.K.x.Pointer + from.Offset, from.Step, s.K.y.Pointer + to.Offset, to.Step, Math.Min(s.Run, end - i));
            from.Next();
            to.Next();
        }
    }

    private static void CopyRun<T>(T* x, long xStep, T* y, long yStep, long n)
        where T : unmanaged
    {
        if (xStep == 1 && yStep == 1)
        {
            new ReadOnlySpan<T>(x, (int)n).CopyTo(new Span<T>(y, (int)n));
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
        T* y = k.y.Pointer + start;
        long count = Math.Min(ElementsPerTask, k.n - start);
        if (Streams.Pays(k.y.Pointer, k.n * sizeof(T)))
        {
            StreamFill((float*)y, S.CreateBits(Unsafe.BitCast<T, uint>(k.value)), count);
            Streams.Fence();
        }
        else
        {
            new Span<T>(y, (int)count).Fill(k.value);
        }
    }

    private static void StreamFill(float* y, V value, long n)
    {
        long i = 0;
        for (; i + S.Width <= n; i += S.Width)
        {
            S.Stream(y + i, value);
        }

        if (i < n)
        {
            S.Store(y + i, value, (int)(n - i));
        }
    }

    private readonly record struct CopyState<T>(CopyStrided<T> K, long Run, long RunsPerTask)
        where T : unmanaged;
}
