using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// Dropout (Srivastava et al. 2014), inverted: y = x·keep/(1 − p), where keep is 1 with probability 1 − p. Element i keeps
/// its value if number position + i of the random stream, uniform in [0, 1), is at least p; so backward draws the same mask
/// again (dX = dY·keep/(1 − p), the same kernel) and nothing is stored. x, y (n). One block per <see cref="Block.Span"/>
/// elements; a lane takes the four numbers of one Philox call at a time.
/// </summary>
[Kernel]
public readonly partial record struct Dropout<T, E>(
    View<T> x, View<T> y, ulong seed, ulong stream, ulong position, float p, float scale, long n) : IKernel
    where T : unmanaged
    where E : unmanaged, IElement<T>
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long start = b.Index * Block.Span;
        long end = b.End(n);

        // The first counter may begin before the block's first element, by this much.
        long before = (long)((position + (ulong)start) & 3);
        for (long i = start - before + (4L * b.Lane); i < end; i += 4L * b.Size)
        {
            Philox.Words w = Philox.At(seed, stream, (position + (ulong)i) >> 2);
            Put(w.X, i, start, end);
            Put(w.Y, i + 1, start, end);
            Put(w.Z, i + 2, start, end);
            Put(w.W, i + 3, start, end);
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(n, x.BytesOf(n) + y.BytesOf(n));

    private void Put(uint word, long i, long start, long end)
    {
        if (i >= start && i < end)
        {
            y[i] = E.Store(Philox.ToUniform(word) >= p ? E.Load(x[i]) * scale : 0f);
        }
    }
}
