namespace Engine;

/// <summary>
/// The product of few rows, C (M,N) = f([C +] A·B + bias) with M up to <see cref="MostRows"/>: what generation multiplies. B is
/// read once, where it lies, since copying it into panels would cost as much as the product; only the few rows of A are
/// copied. A row-major B adds up along its columns (<see cref="RowSums{S, V}"/>), a transposed one is a dot product for each
/// element of C (<see cref="RowDots{S, V}"/>). The work is cut into strips of columns, that of one row and a
/// row-major B into parts of k, and how an element is summed depends on the shape alone, so no bit of it depends on strips or threads.
/// </summary>
internal static unsafe class GemmRows<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    /// <summary>Rows from which on copying B pays.</summary>
    public const int MostRows = 32;

    // Shorter dot products spend more time on their ends than on their products.
    private const long ShortestDot = 128;

    // Columns whose dot products cost less than a tile of one vector.
    private const long MostRest = 2;

    // One row's sums are made in as many parts of k, if it is long: then what a worker reads of a row-major B is one piece of memory. Of a
    // strip of columns the processor would foresee more than the strip.
    private const long Parts = 4;
    private const long LeastSplit = 256;

    // C's share of a strip stays in the first-level cache from one block of k to the next.
    private const long StripFloats = 8192;
    private const long NarrowestStrip = 128;

    /// <summary>Whether this is the way to compute the job.</summary>
    public static bool Fits<T, TC>(in GemmJob<T, TC> job)
        where T : unmanaged
        where TC : unmanaged =>
        job.M <= MostRows && (job.ColumnB == 1 || IsDot(job));

    /// <summary>
    /// The last columns of more rows, so few that a tile would be mostly empty, where dot products can read both matrices where they
    /// lie: as a vocabulary of 65 leaves one.
    /// </summary>
    public static long Rest<T, TC>(in GemmJob<T, TC> job)
        where T : unmanaged
        where TC : unmanaged =>
        job.N > S.Width && job.N % S.Width <= MostRest && IsDot(job) && typeof(T) == typeof(float) && job.ColumnA == 1 ? job.N % S.Width : 0;

    /// <summary>Computes a job that <see cref="Fits"/>, or whose columns are a <see cref="Rest{T, TC}"/>.</summary>
    /// <param name="job">The product.</param>
    /// <param name="workers">The workers; the caller has them to itself unless alone.</param>
    /// <param name="worker">Whose scratch memory holds the rows of A.</param>
    /// <param name="alone">True to use only the calling worker.</param>
    public static void Run<T, TC>(in GemmJob<T, TC> job, CpuWorkers workers, int worker, bool alone)
        where T : unmanaged
        where TC : unmanaged
    {
        int count = alone ? 1 : workers.Count;
        long blocks = Ceiling(job.M, MostRows);
        long rows = Math.Min(job.M, MostRows);

        // As many for each worker, as equal ones take as long.
        long parts = job.M == 1 && !IsDot(job) && job.K >= LeastSplit ? Parts : 1;
        long strips = RoundUp(Math.Max(1, Ceiling(rows * job.N, StripFloats)), Ceiling(count, parts));
        long width = Math.Max(NarrowestStrip, RoundUp(Ceiling(job.N, strips), S.Width));
        State<T, TC> state = new()
        {
            Job = job,
            Width = width,
            Workers = workers.Handle,
            RowsAt = GemmJob<T, TC>.IsStaged ? rows * width : 0,
            PartK = RoundUp(Ceiling(job.K, parts), Parts),
            PartFloats = parts > 1 ? parts * RoundUp(job.N, S.Width) : 0,
        };
        float* scratch = state.Scratch(worker);
        state.PartSums = scratch + state.RowsAt;
        state.Rows = IsDirect(job) ? (float*)job.A : state.PartSums + state.PartFloats;
        state.StepRows = IsDirect(job) ? job.RowA : job.K;
        if (!IsDirect(job))
        {
            Copy(job, state.Rows);
        }

        strips = Ceiling(job.N, width) * blocks;
        if (parts > 1)
        {
            Tasks(strips * parts, &Part<T, TC>, &state, workers, worker, alone);
        }

        // To add up parts is not worth waking others.
        Tasks(strips, &Strip<T, TC>, &state, workers, worker, alone || parts > 1);
    }

    private static void Tasks<T, TC>(
        long tasks, delegate*<void*, long, int, void> task, State<T, TC>* state, CpuWorkers workers, int worker, bool alone)
        where T : unmanaged
        where TC : unmanaged
    {
        if (!alone)
        {
            workers.Run(tasks, task, state);
            return;
        }

        for (long i = 0; i < tasks; i++)
        {
            task(state, i, worker);
        }
    }

    // A part of the sums of one row and one strip.
    private static void Part<T, TC>(void* state, long index, int worker)
        where T : unmanaged
        where TC : unmanaged
    {
        ref readonly State<T, TC> s = ref *(State<T, TC>*)state;
        ref readonly GemmJob<T, TC> job = ref s.Job;
        long part = index % Parts;
        long left = index / Parts * s.Width;
        long start = part * s.PartK;
        int columns = (int)Math.Min(s.Width, job.N - left);
        float* sums = s.PartSums + (part * (s.PartFloats / Parts)) + left;
        T* b = job.B + (start * job.RowB) + left;
        RowSums<S, V>.Run(s.Rows + start, b, job.RowB, 1, columns, Math.Min(s.PartK, job.K - start), sums, 0, null, 0);
    }

    private static void AddParts(float* parts, long step, int columns, float* sums, float* addend)
    {
        for (int j = 0; j < columns; j += S.Width, parts += S.Width)
        {
            int n = Math.Min(S.Width, columns - j);
            V sum = addend == null ? S.Zero : S.Load(addend + j, n);
            for (int i = 0; i < Parts; i++)
            {
                sum = S.Add(sum, S.Load(parts + (i * step), n));
            }

            S.Store(sums + j, sum, n);
        }
    }

    private static bool IsDot<T, TC>(in GemmJob<T, TC> job)
        where T : unmanaged
        where TC : unmanaged => job.ColumnB != 1 && job.RowB == 1 && job.K >= ShortestDot;

    // Rows that dot products, or a single sum, can read where they lie.
    private static bool IsDirect<T, TC>(in GemmJob<T, TC> job)
        where T : unmanaged
        where TC : unmanaged => typeof(T) == typeof(float) && job.ColumnA == 1 && (job.M == 1 || IsDot(job));

    // Dot products want each row in one piece, sums the rows of a tile side by side.
    private static void Copy<T, TC>(in GemmJob<T, TC> job, float* to)
        where T : unmanaged
        where TC : unmanaged
    {
        int rows = 1;
        for (long i = 0; i < job.M; i += rows, to += rows * job.K)
        {
            rows = IsDot(job) ? 1 : RowSums<S, V>.RowsOf(job.M - i);
            GemmPack<S, V>.Panel(job.A + (i * job.RowA), job.RowA, job.ColumnA, rows, rows, job.K, to);
        }
    }

    private static void Strip<T, TC>(void* state, long index, int worker)
        where T : unmanaged
        where TC : unmanaged
    {
        ref readonly State<T, TC> s = ref *(State<T, TC>*)state;
        ref readonly GemmJob<T, TC> job = ref s.Job;
        long strips = Ceiling(job.N, s.Width);
        long left = index % strips * s.Width;
        long top = index / strips * MostRows;
        int columns = (int)Math.Min(s.Width, job.N - left);
        long rows = Math.Min(MostRows, job.M - top);
        TC* c = job.C + (top * job.RowC) + left;
        float* sums = GemmJob<T, TC>.IsStaged ? s.Scratch(worker) : (float*)c;
        long step = GemmJob<T, TC>.IsStaged ? s.Width : job.RowC;
        if (GemmJob<T, TC>.IsStaged && job.Accumulate)
        {
            for (long i = 0; i < rows; i++)
            {
                Stored<S, V>.Convert(c + (i * job.RowC), sums + (i * step), columns);
            }
        }

        float* addend = job.Accumulate ? sums : job.Bias == null ? null : job.Bias + left;
        long stepAddend = job.Accumulate ? step : 0;
        if (IsDot(job))
        {
            float* a = s.Rows + (top * s.StepRows);
            RowDots<S, V>.Run(a, s.StepRows, job.B + (left * job.ColumnB), job.ColumnB, rows, columns, job.K, sums, step, addend, stepAddend);
        }
        else if (s.PartFloats > 0)
        {
            AddParts(s.PartSums + left, s.PartFloats / Parts, columns, sums, addend);
        }
        else
        {
            RowSums<S, V>.Run(s.Rows, job.B + left, job.RowB, rows, columns, job.K, sums, step, addend, stepAddend);
        }

        if (GemmJob<T, TC>.IsStaged || job.Activation != Activation.None || job.Pre != null)
        {
            TC* pre = job.Pre == null ? null : job.Pre + (c - job.C);
            GemmEpilogue<S, V>.Run(job.Activation, sums, step, c, pre, job.RowC, rows, columns);
        }
    }

    private static long Ceiling(long a, long b) => (a + b - 1) / b;

    private static long RoundUp(long a, long b) => Ceiling(a, b) * b;

    /// <summary>The job as its tasks see it; lives on the stack of the launching thread.</summary>
    private struct State<T, TC>
        where T : unmanaged
        where TC : unmanaged
    {
        public GemmJob<T, TC> Job;

        /// <summary>The rows of A in float32, and how far apart they are.</summary>
        public float* Rows;
        public long StepRows;

        /// <summary>Columns of a strip.</summary>
        public long Width;

        /// <summary>Steps of k in a part, and where the parts' sums are, one part after the other; no floats if there are no parts.</summary>
        public long PartK;
        public float* PartSums;
        public long PartFloats;

        /// <summary>Where in a worker's scratch memory parts and rows are; before them are a strip's sums, if C cannot hold them.</summary>
        public long RowsAt;
        public nint Workers;

        public readonly float* Scratch(int worker) =>
            (float*)CpuWorkers.From(Workers).Scratch(worker, (RowsAt + PartFloats + (Math.Min(Job.M, MostRows) * Job.K)) * sizeof(float));
    }
}
