using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>y += x, either of them strided. One block per <see cref="Block.Span"/> elements; y must not be broadcast.</summary>
[Kernel]
public readonly partial record struct Accumulate(View<float> x, View<float> y, Layout from, Layout to, long n) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long end = b.End(n);
        for (long i = b.Start; i < end; i += b.Size)
        {
            y[to.At(i)] += x[from.At(i)];
        }
    }
}
