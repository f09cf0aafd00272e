namespace Engine;

/// <summary>
/// Cuts a product into chunks whose panels of A fit a shared buffer, packs A and multiplies the chunk share by share, either
/// with all workers or, for products that are themselves one task among many, alone.
/// </summary>
internal static unsafe class GemmChunks<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    // A run of 256 steps of the panel of B (2 vectors wide) is 32 KiB with AVX-512, 16 KiB with AVX2: the first-level cache.
    private const long LongestRun = 256;

    // Panels of A of one chunk: 4 MiB, which stay in the last-level cache. Rows are cut first: each cut packs B once more.
    private const long LargestM = 1024;
    private const long LargestA = LargestM * 1024;

    // Columns of a chunk whose sums C cannot hold.
    private const long LargestStagedN = 1024;

    // Enough shares that a worker which finishes early, or is held up, costs little.
    private const long SharesPerWorker = 4;

    // A share of fewer rows would pack B too often.
    private const long LeastShareM = 96;

    // Columns of C up to which A, and rows up to which B, is read so seldom that copying it first costs more than it saves.
    private const long MostDirectN = 512;
    private const long MostDirectM = 256;

    // Elements of A this far apart share the few places of one line in the first-level cache; and of a column-major A's lines a tile of
    // narrow vectors takes too little at a time.
    private const long Aliased = 1024;

    // Floats that one packing task copies.
    private const long PackingShare = 16384;

    /// <summary>Rows of the register tile.</summary>
    public static int TileRows => S.Width == 16 ? 12 : 6;

    /// <summary>Columns of the register tile.</summary>
    public static int TileColumns => 2 * S.Width;

    /// <summary>Computes the job.</summary>
    /// <param name="job">The product; its chunk fields are overwritten.</param>
    /// <param name="workers">The workers; the caller has them to itself unless alone.</param>
    /// <param name="worker">Whose scratch memory holds the panels.</param>
    /// <param name="alone">True to use only the calling worker.</param>
    public static void Run<T, TC>(ref GemmJob<T, TC> job, CpuWorkers workers, int worker, bool alone)
        where T : unmanaged
        where TC : unmanaged
    {
        bool staged = GemmJob<T, TC>.IsStaged;
        job.Workers = alone ? 1 : workers.Count;
        job.RunK = Ceiling(job.K, Ceiling(job.K, LongestRun));
        bool takesA = (job.ColumnA == 1 && job.RowA % Aliased != 0) || (job.RowA == 1 && job.ColumnA % Aliased != 0 && S.Width == 16);
        job.DirectA = typeof(T) == typeof(float) && job.N <= MostDirectN && job.M >= TileRows && takesA;
        job.DirectB = typeof(T) == typeof(float) && job.M <= MostDirectM && job.ColumnB == 1 && job.N % S.Width == 0;
        long chunkM = EvenPart(job.M, LargestM, TileRows);
        long chunkK = EvenPart(job.K, LargestA / chunkM, job.RunK);
        long chunkN = staged ? EvenPart(job.N, LargestStagedN, TileColumns) : RoundUp(job.N, TileColumns);
        long sums = staged ? chunkM * chunkN : 0;
        job.GroupFloats = job.RunK * Math.Min(chunkN, GemmShare<S, V>.GroupColumns);
        long panels = job.DirectA ? 0 : chunkM * chunkK;
        long floats = panels + TileColumns + sums + (job.GroupFloats * job.Workers);
        job.PackedA = (float*)workers.Scratch(worker, floats * sizeof(float));
        job.Zeros = job.PackedA + panels;
        job.Sums = job.Zeros + TileColumns;
        job.Groups = job.Sums + sums;
        job.RowSums = chunkN;
        new Span<float>(job.Zeros, TileColumns).Clear();

        // Staged sums must be complete before the next chunk of C takes their place, so then k runs innermost.
        long outerK = staged ? job.K : chunkK;
        for (long outer = 0; outer < job.K; outer += outerK)
        {
            for (job.Left = 0; job.Left < job.N; job.Left += chunkN)
            {
                job.ChunkN = Math.Min(chunkN, job.N - job.Left);
                for (job.Top = 0; job.Top < job.M; job.Top += chunkM)
                {
                    job.ChunkM = Math.Min(chunkM, job.M - job.Top);
                    for (job.Start = outer; job.Start < Math.Min(job.K, outer + outerK); job.Start += chunkK)
                    {
                        job.ChunkK = Math.Min(chunkK, job.K - job.Start);
                        Chunk(ref job, workers, worker, alone);
                    }
                }
            }
        }
    }

    private static void Chunk<T, TC>(ref GemmJob<T, TC> job, CpuWorkers workers, int worker, bool alone)
        where T : unmanaged
        where TC : unmanaged
    {
        job.PanelRows = RoundUp(job.ChunkM, TileRows);
        job.PackingRows = TileRows * Math.Max(1, PackingShare / (TileRows * job.RunK));
        long tasksA = job.DirectA ? 0 : Ceiling(job.ChunkM, job.PackingRows) * Ceiling(job.ChunkK, job.RunK);
        job.ShareN = job.Workers == 1 ? RoundUp(job.ChunkN, TileColumns) : EvenPart(job.ChunkN, GemmShare<S, V>.GroupColumns, TileColumns);
        long groups = Ceiling(job.ChunkN, job.ShareN);
        job.WideShares = job.Workers == 1 ? groups : Math.Max(0, groups - job.Workers);
        job.SharesAcross = job.WideShares + Ceiling(Math.Max(0, job.ChunkN - (job.WideShares * job.ShareN)), GemmJob.LastColumns);
        long down = 1;
        while (job.Workers > 1 && down * job.SharesAcross < SharesPerWorker * job.Workers && Ceiling(job.ChunkM, down) >= 2 * LeastShareM)
        {
            down *= 2;
        }

        job.ShareM = RoundUp(Ceiling(job.ChunkM, down), TileRows);
        job.Shares = Ceiling(job.ChunkM, job.ShareM) * job.SharesAcross;
        fixed (GemmJob<T, TC>* state = &job)
        {
            if (alone)
            {
                for (long i = 0; i < tasksA; i++)
                {
                    PackA<T, TC>(state, i, worker);
                }

                for (long i = 0; i < job.Shares; i++)
                {
                    GemmShare<S, V>.Run<T, TC>(state, i, 0);
                }

                return;
            }

            workers.Run(tasksA, &PackA<T, TC>, state);
            workers.Run(job.Shares, &GemmShare<S, V>.Run<T, TC>, state);
        }
    }

    private static void PackA<T, TC>(void* state, long index, int worker)
        where T : unmanaged
        where TC : unmanaged
    {
        ref readonly GemmJob<T, TC> job = ref *(GemmJob<T, TC>*)state;
        long perRun = (job.ChunkM + job.PackingRows - 1) / job.PackingRows;
        long start = index / perRun * job.RunK;
        long run = Math.Min(job.RunK, job.ChunkK - start);
        long first = index % perRun * job.PackingRows;
        long end = Math.Min(first + job.PackingRows, job.ChunkM);
        T* a = job.A + ((job.Top + first) * job.RowA) + ((job.Start + start) * job.ColumnA);
        GemmPrefetch.All(a, job.RowA, job.ColumnA, end - first, run);
        for (long row = first; row < end; row += TileRows, a += TileRows * job.RowA)
        {
            int present = (int)Math.Min(TileRows, job.ChunkM - row);
            GemmPack<S, V>.Panel(a, job.RowA, job.ColumnA, present, TileRows, run, job.PanelA(row, start, run));
        }
    }

    // Parts of equal size, each a multiple of the unit (but the last) and, if it can be, no larger than the largest.
    private static long EvenPart(long size, long largest, long unit)
    {
        long parts = Ceiling(size, Math.Max(unit, largest / unit * unit));
        return RoundUp(Ceiling(size, parts), unit);
    }

    private static long Ceiling(long a, long b) => (a + b - 1) / b;

    private static long RoundUp(long a, long b) => Ceiling(a, b) * b;
}
