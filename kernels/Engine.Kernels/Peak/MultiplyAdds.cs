using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// y = x after <c>rounds</c> of x ← a·x + b: arithmetic and next to no memory traffic, 2·rounds operations an element. What a
/// device reaches on it is the peak that other kernels are measured against. x, y (n). One block per
/// <see cref="Block.Span"/> elements.
/// </summary>
[Kernel]
public readonly partial record struct MultiplyAdds(View<float> x, View<float> y, float a, float c, int rounds, long n) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long end = b.End(n);
        for (long i = b.Start; i < end; i += b.Size)
        {
            float v = x[i];
            for (int round = 0; round < rounds; round++)
            {
                v = KMath.Fma(a, v, c);
            }

            y[i] = v;
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(2.0 * rounds * n, x.BytesOf(n) + y.BytesOf(n));
}
