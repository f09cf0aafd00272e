namespace Engine;

/// <summary>
/// Cuts a product into chunks whose panels fit a buffer, packs each chunk and multiplies it tile by tile, either with all
/// workers or, for products that are themselves one task among many, alone.
/// </summary>
internal static unsafe class GemmChunks<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    // A run of 256 steps of the panel of B (2 vectors wide) is 32 KiB with AVX-512, 16 KiB with AVX2: the first-level cache.
    private const long LongestRun = 256;

    // Panels of one chunk: at most 768 × 1024 floats of A and 1024 × 1024 of B, which stay in the last-level cache. Sums that
    // C cannot hold are 768 × 1024 more.
    private const long LargestM = 768;
    private const long LargestN = 1024;
    private const long LargestK = 1024;

    // A task's share: rows whose panels of A stay in the second-level cache while the panels of B go by.
    private const long LargestTileM = 96;
    private const long LargestTileN = 512;

    // Enough shares that a worker which finishes early, or is held up, costs little.
    private const long SharesPerWorker = 4;

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
        long runs = Ceiling(job.K, LongestRun);
        job.RunK = Ceiling(job.K, runs);
        long chunkK = Math.Min(job.K, LargestK / job.RunK * job.RunK);
        long chunkM = Math.Min(RoundUp(job.M, TileRows), LargestM);
        long chunkN = Math.Min(RoundUp(job.N, TileColumns), LargestN);
        bool staged = GemmJob<T, TC>.IsStaged;
        long sums = staged ? chunkM * chunkN : 0;
        float* scratch = (float*)workers.Scratch(worker, (((chunkM + chunkN) * chunkK) + TileColumns + sums) * sizeof(float));
        job.PackedA = scratch;
        job.PackedB = job.PackedA + (chunkM * chunkK);
        job.Zeros = job.PackedB + (chunkN * chunkK);
        job.Sums = job.Zeros + TileColumns;
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
                        bool packB = job.Top == 0 || outerK > chunkK;
                        Chunk(ref job, workers, worker, alone, packB);
                    }
                }
            }
        }
    }

    private static void Chunk<T, TC>(ref GemmJob<T, TC> job, CpuWorkers workers, int worker, bool alone, bool packB)
        where T : unmanaged
        where TC : unmanaged
    {
        // A panel of B is read once for each tile from top to bottom; with one such tile, copying it first does not pay.
        job.DirectB = typeof(T) == typeof(float) && job.ColumnB == 1 && job.M <= 2 * TileRows;
        job.PanelsA = Math.Max(1, PackingShare / (TileRows * job.ChunkK));
        job.PanelsB = Math.Max(1, PackingShare / (TileColumns * job.ChunkK));
        job.TasksA = Ceiling(Ceiling(job.ChunkM, TileRows), job.PanelsA);
        long tasksB = packB ? Ceiling(Ceiling(job.ChunkN, TileColumns), job.PanelsB) : 0;
        long tilesDown = Ceiling(job.ChunkM, LargestTileM);
        job.TilesAcross = Ceiling(job.ChunkN, LargestTileN);
        if (!alone && workers.Count > 1)
        {
            while (tilesDown * job.TilesAcross < SharesPerWorker * workers.Count)
            {
                long height = Ceiling(job.ChunkM, tilesDown);
                long width = Ceiling(job.ChunkN, job.TilesAcross);
                if (height <= 2 * TileRows && width <= 2 * TileColumns)
                {
                    break;
                }

                if (height * TileColumns > width * TileRows)
                {
                    tilesDown *= 2;
                }
                else
                {
                    job.TilesAcross *= 2;
                }
            }
        }

        job.TileM = RoundUp(Ceiling(job.ChunkM, tilesDown), TileRows);
        job.TileN = RoundUp(Ceiling(job.ChunkN, job.TilesAcross), TileColumns);
        tilesDown = Ceiling(job.ChunkM, job.TileM);
        job.TilesAcross = Ceiling(job.ChunkN, job.TileN);
        fixed (GemmJob<T, TC>* state = &job)
        {
            if (alone)
            {
                for (long i = 0; i < job.TasksA + tasksB; i++)
                {
                    Pack<T, TC>(state, i, worker);
                }

                for (long i = 0; i < tilesDown * job.TilesAcross; i++)
                {
                    GemmTile<S, V>.Run<T, TC>(state, i, worker);
                }

                return;
            }

            workers.Run(job.TasksA + tasksB, &Pack<T, TC>, state);
            workers.Run(tilesDown * job.TilesAcross, &GemmTile<S, V>.Run<T, TC>, state);
        }
    }

    private static void Pack<T, TC>(void* state, long index, int worker)
        where T : unmanaged
        where TC : unmanaged
    {
        ref readonly GemmJob<T, TC> job = ref *(GemmJob<T, TC>*)state;
        if (index < job.TasksA)
        {
            T* a = job.A + (job.Top * job.RowA) + (job.Start * job.ColumnA);
            Panels(a, job.RowA, job.ColumnA, job.ChunkM, TileRows, job.ChunkK, index * job.PanelsA, job.PanelsA, job.PackedA, false);
        }
        else
        {
            T* b = job.B + (job.Start * job.RowB) + (job.Left * job.ColumnB);
            long first = (index - job.TasksA) * job.PanelsB;
            Panels(b, job.ColumnB, job.RowB, job.ChunkN, TileColumns, job.ChunkK, first, job.PanelsB, job.PackedB, job.DirectB);
        }
    }

    private static void Panels<T>(
        T* source, long across, long along, long size, int width, long k, long first, long count, float* target, bool lastOnly)
        where T : unmanaged
    {
        long end = Math.Min((first + count) * width, size);
        for (long at = first * width; at < end; at += width)
        {
            int present = (int)Math.Min(width, size - at);
            if (!lastOnly || present < width)
            {
                GemmPack<S, V>.Panel(source + (at * across), across, along, present, width, k, target + (at * k));
            }
        }
    }

    private static long Ceiling(long a, long b) => (a + b - 1) / b;

    private static long RoundUp(long a, long b) => Ceiling(a, b) * b;
}
