using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>y = x in another element type, by way of float32. One block per <see cref="Block.Span"/> elements. x, y (n).</summary>
[Kernel]
public readonly partial record struct Cast<TIn, TLoad, TOut, TStore>(View<TIn> x, View<TOut> y, long n) : IKernel
    where TIn : unmanaged
    where TLoad : unmanaged, IElement<TIn>
    where TOut : unmanaged
    where TStore : unmanaged, IElement<TOut>
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long end = b.End(n);
        for (long i = b.Start; i < end; i += b.Size)
        {
            y[i] = TStore.Store(TLoad.Load(x[i]));
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(0, x.BytesOf(n) + y.BytesOf(n));
}
