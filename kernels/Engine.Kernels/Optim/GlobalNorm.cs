using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// partial[at + block] = Σ x² over the block's <see cref="Block.Span"/> elements of x (n): the first stage of a norm. The
/// tensors of a model write one after the other into the same partial.
/// </summary>
[Kernel]
public readonly partial record struct SumOfSquares(View<float> x, View<float> partial, long at, long n) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long end = b.End(n);
        float s = 0f;
        for (long i = b.Start; i < end; i += b.Size)
        {
            s += x[i] * x[i];
        }

        s = b.Sum(s);
        if (b.Lane == 0)
        {
            partial[at + b.Index] = s;
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(2 * n, x.BytesOf(n) + partial.BytesOf(blocks));
}

/// <summary>
/// The second stage: norm = gradScale·√(Σ partial), scale = min(1, maxNorm/(norm + 1e-6)) as PyTorch clips. One block; norm
/// and scale (1), which stay on the device. A norm that is not a number makes the scale NaN: it does not pass unseen.
/// </summary>
[Kernel]
public readonly partial record struct ClipScale(
    View<float> partial, View<float> norm, View<float> scale, float maxNorm, float gradScale, long n) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        float length = gradScale * KMath.Sqrt(Partials.Sum(b, partial, n));
        if (b.Lane == 0)
        {
            norm[0] = length;
            scale[0] = KMath.Min(1f, maxNorm / (length + 1e-6f));
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(n, partial.BytesOf(n) + norm.BytesOf(1) + scale.BytesOf(1));
}

/// <summary>x = factor[0]·x. One block per <see cref="Block.Span"/> elements; x (n), factor (1).</summary>
[Kernel]
public readonly partial record struct Rescale(View<float> x, View<float> factor, long n) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        float f = factor[0];
        long end = b.End(n);
        for (long i = b.Start; i < end; i += b.Size)
        {
            x[i] *= f;
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(n, 2 * x.BytesOf(n));
}

/// <summary>x = min(max(x, −limit), limit); NaN stays. One block per <see cref="Block.Span"/> elements; x (n).</summary>
[Kernel]
public readonly partial record struct Limit(View<float> x, float limit, long n) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long end = b.End(n);
        for (long i = b.Start; i < end; i += b.Size)
        {
            x[i] = KMath.Min(KMath.Max(x[i], -limit), limit);
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(2 * n, 2 * x.BytesOf(n));
}
