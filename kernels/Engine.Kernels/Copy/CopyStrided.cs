using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// y = x element by element, either of them strided. The element type stands for its size only: float32 and int32 copy as
/// int, bf16 and fp16 as ushort. One block per <see cref="Block.Span"/> elements.
/// </summary>
[Kernel]
public readonly partial record struct CopyStrided<T>(View<T> x, View<T> y, Layout from, Layout to, long n) : IKernel
    where T : unmanaged
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long end = b.End(n);
        for (long i = b.Start; i < end; i += b.Size)
        {
            y[to.At(i)] = x[from.At(i)];
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(0, x.BytesOf(from.Distinct(n)) + y.BytesOf(n));
}
