using System.Runtime.CompilerServices;
using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>
/// Copies between layouts, run by run: a run is a stretch over which both layouts step evenly, and from one run to the next a
/// layout counts up its axes, so there are no divisions but at the start. Also fills. Neither does arithmetic, so there is one
/// version for all widths.
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
        long run = k.from.IsFlat ? k.to.IsFlat ? ElementsPerTask : Inner(k.to)
            : k.to.IsFlat ? Inner(k.from) : Common(Inner(k.from), Inner(k.to));
        if (run is < 4 or > int.MaxValue)
        {
            return false;
        }

        CopyState<T> state = new(k, run, Math.Max(1, ElementsPerTask / run));
        long perTask = run * state.RunsPerTask;
        workers.Run((k.n + perTask - 1) / perTask, &CopyTask<T>, &state);
        return true;
    }

    private static long Inner(in Layout layout) => layout.Size(layout.Rank - 1);

    // A run that ends wherever either layout's innermost axis does: the smaller size, if it divides the larger.
    private static long Common(long a, long b) => a % b == 0 ? b : b % a == 0 ? a : 1;

    private static void CopyTask<T>(void* state, long index, int worker)
        where T : unmanaged
    {
        ref readonly CopyState<T> s = ref *(CopyState<T>*)state;
        long start = index * s.RunsPerTask * s.Run;
        long end = Math.Min(s.K.n, start + (s.RunsPerTask * s.Run));
        Walk from = new(s.K.from, start, s.Run);
        Walk to = new(s.K.to, start, s.Run);
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
        new Span<T>(k.y.Pointer + start, (int)Math.Min(ElementsPerTask, k.n - start)).Fill(k.value);
    }

    private readonly record struct CopyState<T>(CopyStrided<T> K, long Run, long RunsPerTask)
        where T : unmanaged;

    /// <summary>A place in a layout that moves by whole runs.</summary>
    private ref struct Walk
    {
        private readonly ref readonly Layout _layout;
        private readonly long _run;
        private Index _index;

        public Walk(in Layout layout, long start, long run)
        {
            _layout = ref layout;
            _run = run;
            Offset = layout.At(start);
            for (int axis = layout.Rank - 1; axis >= 0; axis--)
            {
                long rest = start / layout.Size(axis);
                _index[axis] = start - (rest * layout.Size(axis));
                start = rest;
            }
        }

        /// <summary>Where the present run begins.</summary>
        public long Offset { get; private set; }

        /// <summary>Elements from one place of a run to the next.</summary>
        public readonly long Step => _layout.IsFlat ? 1 : _layout.Stride(_layout.Rank - 1);

        public void Next()
        {
            Offset += _run * Step;
            int axis = _layout.Rank - 1;
            if (axis < 0)
            {
                return;
            }

            for (_index[axis] += _run; axis > 0 && _index[axis] == _layout.Size(axis); _index[axis]++)
            {
                Offset -= _layout.Size(axis) * _layout.Stride(axis);
                _index[axis--] = 0;
                Offset += _layout.Stride(axis);
            }
        }

        [InlineArray(Layout.MaxRank)]
        private struct Index
        {
            private long _element;
        }
    }
}
