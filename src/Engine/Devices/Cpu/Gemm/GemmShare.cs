using System.Runtime.CompilerServices;

namespace Engine;

/// <summary>
/// One worker's share of a chunk: a block of C. Groups of B's columns are packed when they are needed, into the worker's own
/// second-level cache, while the group after is on its way from memory; A's panels were packed before and are shared.
/// </summary>
internal static unsafe class GemmShare<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    // Rows of A whose panels stay in the second-level cache while a group's panels go by.
    private const long BlockRows = 192;

    /// <summary>Columns of B that are packed together: 128 KiB for the longest run.</summary>
    public const long GroupColumns = 128;

    /// <summary>The share's body for the workers.</summary>
    [SkipLocalsInit]
    public static void Run<T, TC>(void* state, long index, int worker)
        where T : unmanaged
        where TC : unmanaged
    {
        ref readonly GemmJob<T, TC> job = ref *(GemmJob<T, TC>*)state;
        int rows = GemmChunks<S, V>.TileRows;
        int columns = GemmChunks<S, V>.TileColumns;
        float* edge = stackalloc float[13 * 32];
        new Span<float>(edge + (12 * columns), columns).Clear();
        float* packed = job.Groups + (worker * job.GroupFloats);
        long top = index / job.SharesAcross * job.ShareM;
        long bottom = Math.Min(top + job.ShareM, job.ChunkM);
        long right = job.RightOf(index);
        for (long left = job.LeftOf(index); left < right; left += GroupColumns)
        {
            int group = (int)Math.Min(GroupColumns, right - left);
            for (long start = 0; start < job.ChunkK; start += job.RunK)
            {
                long run = Math.Min(job.RunK, job.ChunkK - start);
                if (!job.DirectB)
                {
                    Pack(job, left, group, start, run, packed);
                }

                GemmPrefetch next = default;
                for (long block = top; block < bottom; block += BlockRows)
                {
                    long end = Math.Min(block + BlockRows, bottom);
                    if (end == bottom)
                    {
                        // Not earlier, or what passes meanwhile would push it out again.
                        next = Next(job, index, left, start, (end - block + rows - 1) / rows * ((group + columns - 1) / columns));
                    }

                    for (int j = 0; j < group; j += columns)
                    {
                        int width = Math.Min(columns, group - j);
                        float* panel = job.DirectB ? (float*)job.AtB(start, left + j) : packed + (j * run);
                        Panel(job, block, end, left + j, width, start, run, panel, edge, ref next);
                    }
                }
            }
        }
    }

    private static void Pack<T, TC>(in GemmJob<T, TC> job, long left, int group, long start, long run, float* packed)
        where T : unmanaged
        where TC : unmanaged
    {
        int columns = GemmChunks<S, V>.TileColumns;
        for (int j = 0; j < group; j += columns)
        {
            int width = Math.Min(columns, group - j);
            GemmPack<S, V>.Panel(job.AtB(start, left + j), job.ColumnB, job.RowB, width, columns, run, packed + (j * run));
        }
    }

    // What will be packed next: the group's next run, the share's next group, or what is probably the worker's next share, since
    // they are handed out in order.
    private static GemmPrefetch Next<T, TC>(in GemmJob<T, TC> job, long index, long left, long start, long tiles)
        where T : unmanaged
        where TC : unmanaged
    {
        start += job.RunK;
        if (start >= job.ChunkK)
        {
            start = 0;
            left += GroupColumns;
            if (left >= job.RightOf(index))
            {
                index += job.Workers;
                if (index >= job.Shares)
                {
                    return default;
                }

                left = job.LeftOf(index);
            }
        }

        long group = Math.Min(GroupColumns, job.RightOf(index) - left);
        return GemmPrefetch.Over(job.AtB(start, left), job.ColumnB, job.RowB, group, Math.Min(job.RunK, job.ChunkK - start), tiles);
    }

    // Rows [top, bottom) of one panel of columns, register tile by register tile, with the epilogue if the sums are complete.
    private static void Panel<T, TC>(
        in GemmJob<T, TC> job, long top, long bottom, long left, int width, long start, long run, float* panel, float* edge,
        ref GemmPrefetch next)
        where T : unmanaged
        where TC : unmanaged
    {
        int rows = GemmChunks<S, V>.TileRows;
        bool first = job.Start + start == 0;
        TC* result = job.C + ((job.Top + top) * job.RowC) + job.Left + left;
        nint stepC = GemmJob<T, TC>.IsStaged ? (nint)job.RowSums : (nint)job.RowC;
        float* sums = GemmJob<T, TC>.IsStaged ? job.Sums + (top * stepC) + left : (float*)result;
        if (GemmJob<T, TC>.IsStaged && first && job.Accumulate)
        {
            for (long i = 0; i < bottom - top; i++)
            {
                Stored<S, V>.Convert(result + (i * job.RowC), sums + (i * stepC), width);
            }
        }

        nint rowA = job.DirectA ? (nint)job.RowA : 1;
        nint stepA = job.DirectA ? (nint)job.ColumnA : rows;
        nint stepB = job.DirectB ? (nint)job.RowB : 2 * S.Width;
        bool adds = !first || job.Accumulate;
        float* c = sums;
        for (long i = top; i < bottom; i += rows, c += rows * stepC)
        {
            float* a = job.DirectA ? (float*)job.AtA(i, start) : job.PanelA(i, start, run);
            int height = (int)Math.Min(rows, bottom - i);
            float* addend = adds ? c : job.Bias != null ? job.Bias + job.Left + left : job.Zeros;
            GemmTile<S, V>.Run(
                height, width, (nint)run, a, rowA, stepA, panel, stepB, c, stepC, addend, adds ? stepC : 0, edge, !job.DirectA, next.Next());
        }

        if (job.Start + start + run == job.K && (GemmJob<T, TC>.IsStaged || job.Activation != Activation.None || job.Pre != null))
        {
            TC* pre = job.Pre == null ? null : job.Pre + (result - job.C);
            GemmEpilogue<S, V>.Run(job.Activation, sums, stepC, result, pre, job.RowC, bottom - top, width);
        }
    }
}
