using Engine.Kernels;

namespace Engine;

/// <summary>
/// Attention forward for few queries, as generation asks it: query by query, one pass over the keys for all scores, their softmax,
/// one pass over the values. Keys and values are read once where they lie; a tile of queries would be mostly empty.
/// </summary>
internal static unsafe class AttentionRows<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    /// <summary>Queries of a head up to which this is the faster way.</summary>
    public const int MostQueries = 8;

    private const long Line = 64;

    // Of keys and values that are read next, how many bytes are asked for beforehand: both fit the first-level cache, and longer runs
    // the processor foresees.
    private const long BytesAhead = 16 << 10;

    // Products of one task: enough to be worth handing out.
    private const long LeastWork = 1 << 15;

    /// <summary>Computes the kernel.</summary>
    public static void Run<T, E>(in AttentionForward<T, E> k, CpuWorkers workers)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        long rows = (long)k.shape.B * k.shape.Hq * k.shape.Tq;
        long perTask = Math.Max(1, LeastWork / Math.Max(1, (long)k.shape.Tk * k.shape.D));
        fixed (AttentionForward<T, E>* kernel = &k)
        {
            State<T, E> state = new(kernel, workers.Handle, rows, perTask);
            workers.Run((rows + perTask - 1) / perTask, &Task<T, E>, &state);
        }
    }

    private static void Task<T, E>(void* state, long index, int worker)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        State<T, E> s = *(State<T, E>*)state;
        ref readonly AttentionForward<T, E> k = ref *s.Kernel;
        float* memory = (float*)CpuWorkers.From(s.Workers).Scratch(worker, (k.shape.Tk + (2L * k.shape.D)) * sizeof(float));
        long end = Math.Min(s.Rows, (index + 1) * s.PerTask);
        for (long row = index * s.PerTask; row < end; row++)
        {
            Row(k, row, row + 1 < end, query: memory, sums: memory + k.shape.D, scores: memory + (2L * k.shape.D));
        }
    }

    private static void Row<T, E>(in AttentionForward<T, E> k, long row, bool more, float* query, float* sums, float* scores)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        AttentionShape s = k.shape;
        int i = (int)(row % s.Tq);
        int h = (int)(row / s.Tq % s.Hq);
        int batch = (int)(row / s.Tq / s.Hq);
        int end = Attention.EndKey(s, k.keyRanges, batch, i);
        int first = Math.Min(Attention.FirstKey(s, k.keyRanges, batch, i), end);
        int n = end - first;
        SimdExp<S, V>.Affine(k.q.Pointer + k.lq.At(batch, h, i), query, s.D, s.Scale, 0f);
        T* keys = k.k.Pointer + k.lk.At(batch, h / s.Group, first);
        T* values = k.v.Pointer + k.lv.At(batch, h / s.Group, first);
        Ask(values, k.lv.Row, n, s.D);
        new Span<float>(scores, s.D == 0 ? n : 0).Clear();
        RowDots<S, V>.Run(query, s.D, keys, k.lk.Row, 1, n, s.D, scores, n, null, 0);
        if (more && i + 1 == s.Tq)
        {
            int next = h + 1 < s.Hq ? h + 1 : 0;
            Ask(k.k.Pointer + k.lk.At(next > 0 ? batch : batch + 1, next / s.Group, first), k.lk.Row, n, s.D);
        }

        Hide(k, batch, row % ((long)s.Hq * s.Tq), first, n, scores);
        ExpSum sum = SimdExp<S, V>.Sum(scores, scores, n);
        new Span<float>(sums, s.D).Clear();
        RowSums<S, V>.Run(scores, values, k.lv.Row, 1, s.D, n, sums, s.D, sums, 0);
        T* o = k.o.Pointer + k.lo.At(batch, h, i);
        SimdExp<S, V>.Affine(sums, o, s.D, sum.Sum == 0f ? 0f : 1f / sum.Sum, 0f);
        if (k.lse.Exists)
        {
            k.lse[row] = sum.Sum == 0f ? float.PositiveInfinity : sum.Max + MathF.Log(sum.Sum);
        }
    }

    private static void Ask<T>(T* from, long step, int rows, int width)
        where T : unmanaged
    {
        long bytes = (long)width * sizeof(T);
        long asked = Math.Min(rows, BytesAhead / Math.Max(1, bytes));
        for (long i = 0; i < asked; i++)
        {
            for (long at = 0; at < bytes; at += Line)
            {
                S.Prefetch((byte*)(from + (i * step)) + at);
            }
        }
    }

    private static void Hide<T, E>(in AttentionForward<T, E> k, int batch, long biasRow, int first, int n, float* scores)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        float* bias = k.bias.Exists ? k.bias.Pointer + (biasRow * k.shape.Tk) + first : null;
        int* mask = k.keyMask.Exists ? k.keyMask.Pointer + ((long)batch * k.shape.Tk) + first : null;
        for (int j = 0; j < n && bias != null; j++)
        {
            scores[j] += bias[j];
        }

        for (int j = 0; j < n && mask != null; j++)
        {
            scores[j] = mask[j] == 0 ? float.NegativeInfinity : scores[j];
        }
    }

    private readonly struct State<T, E>(AttentionForward<T, E>* kernel, nint workers, long rows, long perTask)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        public AttentionForward<T, E>* Kernel { get; } = kernel;

        public nint Workers { get; } = workers;

        public long Rows { get; } = rows;

        public long PerTask { get; } = perTask;
    }
}
