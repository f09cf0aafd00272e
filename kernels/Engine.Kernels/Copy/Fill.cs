using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>y = value. One block per <see cref="Block.Span"/> elements. y (n).</summary>
[Kernel]
public readonly partial record struct Fill<T>(View<T> y, T value, long n) : IKernel
    where T : unmanaged
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long end = b.End(n);
        for (long i = b.Start; i < end; i += b.Size)
        {
            y[i] = value;
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(0, y.BytesOf(n));
}
