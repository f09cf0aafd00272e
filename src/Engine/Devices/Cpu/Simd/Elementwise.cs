namespace Engine;

/// <summary>
/// y = f(u, v; a) at each place of flat memory: the one loop of every elementwise override. Operands may be of different storage
/// types; y may be u or v. A result that no cache would keep is streamed past them (<see cref="Streams"/>).
/// </summary>
internal static unsafe class Elementwise<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    // A task costs about 0.1 µs to hand out: a small part of what it takes, and there are enough for every worker. Large ones, since what
    // is read ahead of a task's end is another worker's.
    private const long LeastPerTask = 4096;
    private const long MostPerTask = 1 << 18;

    /// <summary>Elements of a task, a multiple of the block that kernels' bodies work in.</summary>
    public static long PerTask(long n) => Math.Clamp(n / 64 / LeastPerTask * LeastPerTask, LeastPerTask, MostPerTask);

    /// <summary>Over <paramref name="n"/> elements, shared by the workers. <paramref name="v"/> may be null if f does not read it.</summary>
    public static bool Run<TU, TV, TY, G>(TU* u, TV* v, TY* y, float a, long n, CpuWorkers workers)
        where TU : unmanaged
        where TV : unmanaged
        where TY : unmanaged
        where G : struct, IVectorFunction2<V>
    {
        bool inPlace = y == u || y == v;
        Operands operands = new(u, v, y, a, n, PerTask(n), !inPlace && Streams.Pays(y, n * sizeof(TY)));
        workers.Run((n + operands.PerTask - 1) / operands.PerTask, &Task<TU, TV, TY, G>, &operands);
        return true;
    }

    /// <summary>Over n elements, by the calling thread. A step of 0 means one element for all places.</summary>
    public static void Line<TU, TV, TY, G>(TU* u, long uStep, TV* v, long vStep, TY* y, float a, long n)
        where TU : unmanaged
        where TV : unmanaged
        where TY : unmanaged
        where G : struct, IVectorFunction2<V>
    {
        if (uStep != 0 && vStep != 0)
        {
            Line<Places<S, V, TU>, Places<S, V, TV>, TY, G>(new(u), new(v), y, S.Create(a), n, stream: false);
        }
        else if (uStep != 0)
        {
            Line<Places<S, V, TU>, Constant<V>, TY, G>(new(u), new(S.Create(Stored<S, V>.One(v))), y, S.Create(a), n, stream: false);
        }
        else if (vStep != 0)
        {
            Line<Constant<V>, Places<S, V, TV>, TY, G>(new(S.Create(Stored<S, V>.One(u))), new(v), y, S.Create(a), n, stream: false);
        }
        else
        {
            Line<Constant<V>, Constant<V>, TY, G>(new(S.Create(Stored<S, V>.One(u))), new(S.Create(Stored<S, V>.One(v))), y, S.Create(a), n, stream: false);
        }
    }

    private static void Task<TU, TV, TY, G>(void* state, long index, int worker)
        where TU : unmanaged
        where TV : unmanaged
        where TY : unmanaged
        where G : struct, IVectorFunction2<V>
    {
        Operands k = *(Operands*)state;
        long start = index * k.PerTask;
        long count = Math.Min(k.PerTask, k.Count - start);
        Places<S, V, TU> u = new((TU*)k.U + start);
        Places<S, V, TV> v = new((TV*)k.V + start);
        TY* y = (TY*)k.Y + start;
        Line<Places<S, V, TU>, Places<S, V, TV>, TY, G>(u, v, y, S.Create(k.A), count, k.Stream);
        if (k.Stream)
        {
            Streams.Fence();
        }
    }

    private static void Line<SU, SV, TY, G>(SU u, SV v, TY* y, V a, long n, bool stream)
        where SU : struct, IOperand<V>
        where SV : struct, IOperand<V>
        where TY : unmanaged
        where G : struct, IVectorFunction2<V>
    {
        long i = 0;
        for (; i + S.Width <= n; i += S.Width)
        {
            if (stream)
            {
                u.Prefetch(i);
                if (G.ReadsV)
                {
                    v.Prefetch(i);
                }
            }

            Stored<S, V>.Store(y + i, G.Value(u.At(i), G.ReadsV ? v.At(i) : S.Zero, a), stream);
        }

        if (i < n)
        {
            int rest = (int)(n - i);
            Stored<S, V>.Store(y + i, G.Value(u.At(i, rest), G.ReadsV ? v.At(i, rest) : S.Zero, a), rest);
        }
    }

    private readonly struct Operands(void* u, void* v, void* y, float a, long count, long perTask, bool stream)
    {
        public readonly void* U = u;
        public readonly void* V = v;
        public readonly void* Y = y;
        public readonly float A = a;
        public readonly long Count = count;
        public readonly long PerTask = perTask;
        public readonly bool Stream = stream;
    }
}
