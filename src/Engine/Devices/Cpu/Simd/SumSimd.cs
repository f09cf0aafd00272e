using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>
/// Sums over one axis. Over the last axis: rows, long ones in pieces of fixed length so that threads share them. Over an earlier
/// axis: tiles of neighbouring columns, walked down together.
/// </summary>
internal static unsafe class SumSimd<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    private const long Piece = 1 << 15;

    public static void Register(CpuOverrides overrides)
    {
        overrides.Add<SumAxis<float, Float32Element>>(&Axis);
        overrides.Add<SumAxis<BFloat16, BFloat16Element>>(&Axis);
        overrides.Add<SumAxis<Half, Float16Element>>(&Axis);
        overrides.Add<SumChunks>(&Chunks);
    }

    private static bool Axis<T, E>(in SumAxis<T, E> k, long blocks, CpuWorkers workers)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        if (k.inner > 1)
        {
            long tiles = Tasks(k.inner, ColumnsPerTask);
            ColumnState<T> columns = new(k.x.Pointer, k.y.Pointer, k.n, k.inner, tiles, k.scale, false);
            workers.Run(blocks / k.inner * tiles, &ColumnTask<T>, &columns);
            return true;
        }

        long pieces = Math.Max(1, Tasks(k.n, Piece));
        if (pieces == 1)
        {
            RowState<T, E> rows = new(k, blocks, RowsPerTask(k.n), null);
            workers.Run(Tasks(blocks, rows.Step), &RowTask<T, E>, &rows);
            return true;
        }

        float* partial = (float*)workers.Scratch(0, blocks * pieces * sizeof(float));
        RowState<T, E> state = new(k, blocks, pieces, partial);
        workers.Run(blocks * pieces, &PieceTask<T, E>, &state);
        for (long row = 0; row < blocks; row++)
        {
            k.y.Pointer[row] = k.scale * SimdSums<S, V>.Sum(partial + (row * pieces), pieces);
        }

        return true;
    }

    private static bool Chunks(in SumChunks k, CpuWorkers workers)
    {
        long tiles = Tasks(k.n, ColumnsPerTask);
        ColumnState<float> columns = new(k.partial.Pointer, k.y.Pointer, k.chunks, k.n, tiles, 1f, k.accumulate);
        workers.Run(tiles, &ColumnTask<float>, &columns);
        return true;
    }

    private static long ColumnsPerTask => 2 * SimdSums<S, V>.TileWidth;

    private static long RowsPerTask(long n) => Math.Max(1, Piece / Math.Max(1, n));

    private static long Tasks(long n, long perTask) => (n + perTask - 1) / perTask;

    private static void ColumnTask<T>(void* state, long index, int worker)
        where T : unmanaged
    {
        ref readonly ColumnState<T> s = ref *(ColumnState<T>*)state;
        long outer = index / s.Tiles;
        long start = index % s.Tiles * ColumnsPerTask;
        SimdSums<S, V>.Columns(
            s.X + (outer * s.Rows * s.Width), s.Rows, s.Width, s.Y + (outer * s.Width),
            start, Math.Min(s.Width, start + ColumnsPerTask), s.Scale, s.Accumulate);
    }

    private static void RowTask<T, E>(void* state, long index, int worker)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        ref readonly RowState<T, E> s = ref *(RowState<T, E>*)state;
        long end = Math.Min(s.Rows, (index + 1) * s.Step);
        for (long row = index * s.Step; row < end; row++)
        {
            s.K.y.Pointer[row] = s.K.scale * SimdSums<S, V>.Sum(s.K.x.Pointer + (row * s.K.n), s.K.n);
        }
    }

    private static void PieceTask<T, E>(void* state, long index, int worker)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        ref readonly RowState<T, E> s = ref *(RowState<T, E>*)state;
        long start = index % s.Step * Piece;
        T* row = s.K.x.Pointer + (index / s.Step * s.K.n);
        s.Partial[index] = SimdSums<S, V>.Sum(row + start, Math.Min(Piece, s.K.n - start));
    }

    /// <summary>Step is rows a task, or pieces a row.</summary>
    private readonly struct RowState<T, E>(SumAxis<T, E> k, long rows, long step, float* partial)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        public readonly SumAxis<T, E> K = k;
        public readonly long Rows = rows;
        public readonly long Step = step;
        public readonly float* Partial = partial;
    }

    private readonly struct ColumnState<T>(T* x, float* y, long rows, long width, long tiles, float scale, bool accumulate)
        where T : unmanaged
    {
        public readonly T* X = x;
        public readonly float* Y = y;
        public readonly long Rows = rows;
        public readonly long Width = width;
        public readonly long Tiles = tiles;
        public readonly float Scale = scale;
        public readonly bool Accumulate = accumulate;
    }
}
