using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>
/// Table lookup: rows are copied whole. Backward gives each task a slice of the columns and walks all indices in order, so
/// that no two tasks write the same place and each table row is added to in the kernel's own order.
/// </summary>
internal static unsafe class EmbeddingSimd<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    private const long ElementsPerTask = 16384;

    public static void Register(CpuOverrides overrides)
    {
        Register<float, Float32Element>(overrides);
        Register<BFloat16, BFloat16Element>(overrides);
        Register<Half, Float16Element>(overrides);
        overrides.Add<IndexCheck>(&Check);
    }

    private static void Register<T, E>(CpuOverrides overrides)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        overrides.Add<EmbeddingForward<T, E>>(&Forward);
        overrides.Add<EmbeddingBackward<T, E>>(&Backward);
    }

    // Four cache lines: narrow enough to share, wide enough that reading an index costs little beside it.
    private static long Slice => 64;

    private static bool Forward<T, E>(in EmbeddingForward<T, E> k, long blocks, CpuWorkers workers)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        ForwardState<T, E> state = new(k, blocks, Math.Max(1, ElementsPerTask / Math.Max(1, k.C)));
        workers.Run((blocks + state.Step - 1) / state.Step, &ForwardTask<T, E>, &state);
        return true;
    }

    private static void ForwardTask<T, E>(void* state, long index, int worker)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        ref readonly ForwardState<T, E> s = ref *(ForwardState<T, E>*)state;
        long bytes = s.K.C * sizeof(T);
        long end = Math.Min(s.Rows, (index + 1) * s.Step);
        for (long n = index * s.Step; n < end; n++)
        {
            long v = s.K.indices.Pointer[n];
            T* y = s.K.y.Pointer + (n * s.K.C);
            if (v >= 0 && v < s.K.V)
            {
                Buffer.MemoryCopy(s.K.table.Pointer + (v * s.K.C), y, bytes, bytes);
            }
            else
            {
                new Span<T>(y, (int)s.K.C).Fill(E.Store(float.NaN));
            }
        }
    }

    private static bool Backward<T, E>(in EmbeddingBackward<T, E> k, CpuWorkers workers)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        fixed (EmbeddingBackward<T, E>* state = &k)
        {
            workers.Run((k.C + Slice - 1) / Slice, &BackwardSlice<T, E>, state);
        }

        return true;
    }

    private static void BackwardSlice<T, E>(void* state, long index, int worker)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        ref readonly EmbeddingBackward<T, E> k = ref *(EmbeddingBackward<T, E>*)state;
        long start = index * Slice;
        long width = Math.Min(Slice, k.C - start);
        for (long n = 0; n < k.N; n++)
        {
            int v = k.indices.Pointer[n];
            if (v != k.skip && v >= 0 && v < k.V)
            {
                Add(k.dY.Pointer + (n * k.C) + start, k.dTable.Pointer + (v * k.C) + start, width);
            }
        }
    }

    private static void Add<T>(T* x, float* y, long n)
        where T : unmanaged
    {
        long i = 0;
        for (; i + S.Width <= n; i += S.Width)
        {
            S.Store(y + i, S.Add(S.Load(y + i), Stored<S, V>.Load(x + i)));
        }

        for (; i < n; i++)
        {
            y[i] += Stored<S, V>.One(x + i);
        }
    }

    // The usual answer, that all are inside, comes from a vectorised search; anything else is left to the kernel.
    private static bool Check(in IndexCheck k, CpuWorkers workers)
    {
        if (k.bound <= 0 || k.n > int.MaxValue
            || new ReadOnlySpan<int>(k.indices.Pointer, (int)k.n).ContainsAnyExceptInRange(0, k.bound - 1))
        {
            return false;
        }

        *k.outside.Pointer = 0;
        return true;
    }

    private readonly record struct ForwardState<T, E>(EmbeddingForward<T, E> K, long Rows, long Step)
        where T : unmanaged
        where E : unmanaged, IElement<T>;
}
