using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// y = scale·Σ x over the middle axis. One block per result; its lanes stride over the axis. x (outer, n, inner) →
/// y (outer, inner).
/// </summary>
[Kernel]
public readonly partial record struct SumAxis<T, E>(View<T> x, View<float> y, long n, long inner, float scale) : IKernel
    where T : unmanaged
    where E : unmanaged, IElement<T>
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long start = (b.Index / inner * n * inner) + (b.Index % inner);
        float s = 0f;
        for (long i = b.Lane; i < n; i += b.Size)
        {
            s += E.Load(x[start + (i * inner)]);
        }

        s = b.Sum(s);
        if (b.Lane == 0)
        {
            y[b.Index] = scale * s;
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(blocks * n, x.BytesOf(blocks * n) + y.BytesOf(blocks));
}
