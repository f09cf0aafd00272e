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
        overrides.Add<EmbeddingForward>(&Forward);
        overrides.Add<EmbeddingBackward>(&Backward);
        overrides.Add<IndexCheck>(&Check);
    }

    // Four cache lines: narrow enough to share, wide enough that reading an index costs little beside it.
    private static long Slice => 64;

    private static bool Forward(in EmbeddingForward k, long blocks, CpuWorkers workers)
    {
        ForwardState state = new(k, blocks, Math.Max(1, ElementsPerTask / Math.Max(1, k.C)));
        workers.Run((blocks + state.Step - 1) / state.Step, &ForwardTask, &state);
        return true;
    }

    private static void ForwardTask(void* state, long index, int worker)
    {
        ref readonly ForwardState s = ref *(ForwardState*)state;
        long bytes = s.K.C * sizeof(float);
        long end = Math.Min(s.Rows, (index + 1) * s.Step);
        for (long n = index * s.Step; n < end; n++)
        {
            long v = s.K.indices.Pointer[n];
            float* y = s.K.y.Pointer + (n * s.K.C);
            if (v >= 0 && v < s.K.V)
            {
                Buffer.MemoryCopy(s.K.table.Pointer + (v * s.K.C), y, bytes, bytes);
            }
            else
            {
                new Span<float>(y, (int)s.K.C).Fill(float.NaN);
            }
        }
    }

    private static bool Backward(in EmbeddingBackward k, CpuWorkers workers)
    {
        fixed (EmbeddingBackward* state = &k)
        {
            workers.Run((k.C + Slice - 1) / Slice, &BackwardSlice, state);
        }

        return true;
    }

    private static void BackwardSlice(void* state, long index, int worker)
    {
        ref readonly EmbeddingBackward k = ref *(EmbeddingBackward*)state;
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

    private static void Add(float* x, float* y, long n)
    {
        long i = 0;
        for (; i + S.Width <= n; i += S.Width)
        {
            S.Store(y + i, S.Add(S.Load(y + i), S.Load(x + i)));
        }

        for (; i < n; i++)
        {
            y[i] += x[i];
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

    private readonly record struct ForwardState(EmbeddingForward K, long Rows, long Step);
}
