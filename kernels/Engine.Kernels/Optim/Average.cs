using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>e += (1 − decay)(x − e), an exponential moving average. One block per <see cref="Block.Span"/> elements; e, x (n).</summary>
[Kernel]
public readonly partial record struct MovingAverage(View<float> e, View<float> x, float oneMinusDecay, long n) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long end = b.End(n);
        for (long i = b.Start; i < end; i += b.Size)
        {
            e[i] += oneMinusDecay * (x[i] - e[i]);
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(3 * n, x.BytesOf(n) + (2 * e.BytesOf(n)));
}

/// <summary>Exchanges x and y, element by element. One block per <see cref="Block.Span"/> elements; x, y (n).</summary>
[Kernel]
public readonly partial record struct Exchange(View<float> x, View<float> y, long n) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long end = b.End(n);
        for (long i = b.Start; i < end; i += b.Size)
        {
            float t = x[i];
            x[i] = y[i];
            y[i] = t;
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(0, 2 * (x.BytesOf(n) + y.BytesOf(n)));
}
