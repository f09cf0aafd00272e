using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// y = value where (mask ≠ 0) equals <c>when</c> (0 or 1), x elsewhere. The mask is broadcast by its layout. Its own backward with value 0.
/// One block per <see cref="Block.Span"/> elements. x, y (n).
/// </summary>
[Kernel]
public readonly partial record struct MaskedFill(
    View<float> x, View<int> mask, View<float> y, Layout lm, float value, int when, long n) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long end = b.End(n);
        for (long i = b.Start; i < end; i += b.Size)
        {
            y[i] = mask[lm.At(i)] != 0 == (when != 0) ? value : x[i];
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(0, x.BytesOf(n) + mask.BytesOf(lm.Distinct(n)) + y.BytesOf(n));
}

/// <summary>y = u where mask ≠ 0, v elsewhere, all broadcast by their layouts. One block per <see cref="Block.Span"/> elements. y (n).</summary>
[Kernel]
public readonly partial record struct Select(
    View<int> mask, View<float> u, View<float> v, View<float> y, Layout lm, Layout lu, Layout lv, long n) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long end = b.End(n);
        for (long i = b.Start; i < end; i += b.Size)
        {
            y[i] = mask[lm.At(i)] != 0 ? u[lu.At(i)] : v[lv.At(i)];
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(
        0, mask.BytesOf(lm.Distinct(n)) + u.BytesOf(lu.Distinct(n)) + v.BytesOf(lv.Distinct(n)) + y.BytesOf(n));
}
