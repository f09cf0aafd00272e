using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// y += x, either of them strided and of its own element type; added in float32. One block per <see cref="Block.Span"/> elements; y
/// must not be broadcast.
/// </summary>
[Kernel]
public readonly partial record struct Accumulate<TIn, TLoad, T, E>(View<TIn> x, View<T> y, Layout from, Layout to, long n) : IKernel
    where TIn : unmanaged
    where TLoad : unmanaged, IElement<TIn>
    where T : unmanaged
    where E : unmanaged, IElement<T>
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long end = b.End(n);
        for (long i = b.Start; i < end; i += b.Size)
        {
            long at = to.At(i);
            y[at] = E.Store(E.Load(y[at]) + TLoad.Load(x[from.At(i)]));
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(n, x.BytesOf(from.Distinct(n)) + (2 * y.BytesOf(n)));
}
