using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// y = Σ partial over its rows, or y += that sum if <paramref name="accumulate"/>: the second half of a sum that was first taken
/// over chunks. One block per <see cref="Block.Span"/> columns; a column's chunks are added in order. partial (chunks, n), y (n).
/// </summary>
[Kernel]
public readonly partial record struct SumChunks(View<float> partial, View<float> y, long chunks, long n, bool accumulate) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long end = b.End(n);
        for (long i = b.Start; i < end; i += b.Size)
        {
            float s = 0f;
            for (long chunk = 0; chunk < chunks; chunk++)
            {
                s += partial[(chunk * n) + i];
            }

            y[i] = accumulate ? y[i] + s : s;
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(chunks * n, partial.BytesOf(chunks * n) + ((accumulate ? 2 : 1) * y.BytesOf(n)));
}
