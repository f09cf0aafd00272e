using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// y[r, j] = Σ over the r-th chunk of rows of x[i, j], or y += that: the gradient of a bias. x (rows, columns),
/// y (chunks, columns). One block per chunk and <see cref="ColumnChunks.Width"/> columns, a lane per column, rows added
/// in order. A tall matrix is summed in two launches, chunks first and then their sums as one chunk; the chunks are fixed, so
/// the result does not depend on the number of blocks that run at once.
/// </summary>
[Kernel]
public readonly partial record struct ColumnSum<T, E>(
    View<T> x, View<float> y, long rows, long columns, long chunk, bool accumulate) : IKernel
    where T : unmanaged
    where E : unmanaged, IElement<T>
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long groups = (columns + ColumnChunks.Width - 1) / ColumnChunks.Width;
        long r = b.Index / groups;
        long left = b.Index % groups * ColumnChunks.Width;
        long right = left + ColumnChunks.Width < columns ? left + ColumnChunks.Width : columns;
        long end = (r + 1) * chunk < rows ? (r + 1) * chunk : rows;
        for (long j = left + b.Lane; j < right; j += b.Size)
        {
            float s = accumulate ? y[(r * columns) + j] : 0f;
            for (long i = r * chunk; i < end; i++)
            {
                s += E.Load(x[(i * columns) + j]);
            }

            y[(r * columns) + j] = s;
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(rows * columns, x.BytesOf(rows * columns) + ((accumulate ? 2 : 1) * y.BytesOf(ColumnChunks.Of(rows, chunk) * columns)));
}

/// <summary>How column sums divide a matrix.</summary>
public static class ColumnChunks
{
    /// <summary>Columns of one block.</summary>
    public const int Width = 64;

    /// <summary>Blocks that a launch needs.</summary>
    public static long Blocks(long rows, long columns, long chunk) =>
        Of(rows, chunk) * ((columns + Width - 1) / Width);

    /// <summary>Chunks of <paramref name="chunk"/> rows; an empty matrix has one, whose sum is 0.</summary>
    public static long Of(long rows, long chunk) => rows == 0 ? 1 : (rows + chunk - 1) / chunk;
}
