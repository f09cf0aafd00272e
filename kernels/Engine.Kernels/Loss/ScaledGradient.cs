using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// y = s·x, or y += s·x if <paramref name="accumulate"/>, with s = dLoss·scale: the backward of a loss whose gradient for dLoss = 1 forward
/// has already computed. x and y may be the same memory. One block per <see cref="Block.Span"/> elements. dLoss, scale (1);
/// x, y (n).
/// </summary>
[Kernel]
public readonly partial record struct ScaledGradient<T, E>(
    View<T> x, View<float> dLoss, View<float> scale, View<T> y, long n, bool accumulate) : IKernel
    where T : unmanaged
    where E : unmanaged, IElement<T>
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        float s = dLoss[0] * scale[0];
        long end = b.End(n);
        for (long i = b.Start; i < end; i += b.Size)
        {
            float v = s * E.Load(x[i]);
            y[i] = E.Store(accumulate ? E.Load(y[i]) + v : v);
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(accumulate ? 2 * n : n, x.BytesOf(n) + ((accumulate ? 2 : 1) * y.BytesOf(n)));
}
