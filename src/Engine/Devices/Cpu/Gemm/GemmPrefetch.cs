using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Engine;

/// <summary>
/// Brings the next group of B to the second-level cache, a few lines before each register tile, so that packing it does not wait
/// for memory. Where the machine has no such instruction it does nothing.
/// </summary>
internal unsafe struct GemmPrefetch
{
    /// <summary>Steps of k from which a tile takes long enough that fetching C for the one after it pays.</summary>
    public const long WorthwhileRun = 128;

    private const int Line = 64;

    private byte* _row;
    private long _step;
    private long _rows;
    private int _bytes;
    private int _at;
    private int _quota;

    /// <summary>Fetches a group within a given number of <see cref="Advance"/>s.</summary>
    public static GemmPrefetch Of<T, TC>(in GemmJob<T, TC> job, long start, long left, long group, long tiles)
        where T : unmanaged
        where TC : unmanaged
    {
        long run = Math.Min(job.RunK, job.ChunkK - start);
        bool along = job.ColumnB == 1;
        GemmPrefetch next = default;
        if (!Sse.IsSupported || job.DirectB || (!along && job.RowB != 1))
        {
            return next;
        }

        next._row = (byte*)job.AtB(start, left);
        next._step = (along ? job.RowB : job.ColumnB) * sizeof(T);
        next._rows = along ? run : group;
        next._bytes = (int)(along ? group : run) * sizeof(T);

        // A row that does not begin with a line touches one more.
        long lines = next._rows * ((next._bytes / Line) + 1);
        next._quota = (int)((lines + tiles - 1) / tiles);
        return next;
    }

    /// <summary>Fetches its part.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance()
    {
        for (int i = 0; i < _quota && _rows > 0; i++)
        {
            Sse.Prefetch1(_row + _at);
            _at += Line;
            if (_at >= _bytes)
            {
                _at = 0;
                _row += _step;
                _rows--;
            }
        }
    }

    /// <summary>Fetches two lines of each of some rows of C, as many as a register tile has at most.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Rows(float* c, nint step, int rows)
    {
        if (Sse.IsSupported)
        {
            for (int i = 0; i < rows; i++, c += step)
            {
                Sse.Prefetch0(c);
                Sse.Prefetch0(c + (Line / sizeof(float)));
            }
        }
    }
}
