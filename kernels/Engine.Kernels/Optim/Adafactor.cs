using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// The rows' second moments of Adafactor (Shazeer and Stern 2018, algorithm 4): r_i += (1 − β)(mean_j d² + ε − r_i) with
/// d = factor·g. g (rows, M), r (rows). One block a row.
/// </summary>
[Kernel]
public readonly partial record struct AdafactorRows(
    View<float> g, View<float> r, View<float> clip, float gradScale, float eps, float oneMinusBeta, long M) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        float factor = GradientFactor.Of(clip, gradScale);
        long first = b.Index * M;
        float s = 0f;
        for (long j = b.Lane; j < M; j += b.Size)
        {
            float d = factor * g[first + j];
            s += d * d;
        }

        s = b.Sum(s);
        if (b.Lane == 0)
        {
            r[b.Index] += oneMinusBeta * ((s / M) + eps - r[b.Index]);
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(3 * blocks * M, g.BytesOf(blocks * M) + (2 * r.BytesOf(blocks)));
}

/// <summary>
/// The columns' sums of d² over chunks of rows, d = factor·g: g (N, M), partial (chunks, M). One block per chunk and
/// <see cref="ColumnChunks.Width"/> columns, a lane per column; see <see cref="ColumnSum{T, E}"/>.
/// </summary>
[Kernel]
public readonly partial record struct AdafactorColumns(
    View<float> g, View<float> partial, View<float> clip, float gradScale, long N, long M, long chunk) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        float factor = GradientFactor.Of(clip, gradScale);
        long groups = (M + ColumnChunks.Width - 1) / ColumnChunks.Width;
        long part = b.Index / groups;
        long left = b.Index % groups * ColumnChunks.Width;
        long right = left + ColumnChunks.Width < M ? left + ColumnChunks.Width : M;
        long end = (part + 1) * chunk < N ? (part + 1) * chunk : N;
        for (long j = left + b.Lane; j < right; j += b.Size)
        {
            float s = 0f;
            for (long i = part * chunk; i < end; i++)
            {
                float d = factor * g[(i * M) + j];
                s += d * d;
            }

            partial[(part * M) + j] = s;
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(3 * N * M, g.BytesOf(N * M) + partial.BytesOf(ColumnChunks.Of(N, chunk) * M));
}

/// <summary>
/// The columns' second moments: c_j += (1 − β)(Σ partial/N + ε − c_j). partial (chunks, M), c (M); N rows in all. One block per
/// <see cref="Block.Span"/> columns.
/// </summary>
[Kernel]
public readonly partial record struct AdafactorColumnMoments(
    View<float> partial, View<float> c, float eps, float oneMinusBeta, long chunks, long N, long M) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long end = b.End(M);
        for (long j = b.Start; j < end; j += b.Size)
        {
            float s = 0f;
            for (long part = 0; part < chunks; part++)
            {
                s += partial[(part * M) + j];
            }

            c[j] += oneMinusBeta * ((s / N) + eps - c[j]);
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new((chunks + 4) * M, partial.BytesOf(chunks * M) + (2 * c.BytesOf(M)));
}

/// <summary>
/// Each block's share of ‖p‖² and ‖w‖², w = d/√(r_i·c_j): Adafactor's update but for the factor √(mean r) that all elements share. p, g (n), of
/// rows of M; r (n/M), c (M), squaresP and squaresW (blocks). One block per <see cref="Block.Span"/> elements.
/// </summary>
[Kernel]
public readonly partial record struct AdafactorNorms(
    View<float> p, View<float> g, View<float> r, View<float> c, View<float> squaresP, View<float> squaresW, View<float> clip,
    float gradScale, long n, long M) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        float factor = GradientFactor.Of(clip, gradScale);
        float sp = 0f;
        float sw = 0f;
        long end = b.End(n);
        for (long i = b.Start; i < end; i += b.Size)
        {
            float w = AdafactorDirection.Of(factor * g[i], r[i / M], c[i % M]);
            sp += p[i] * p[i];
            sw += w * w;
        }

        sp = b.Sum(sp);
        sw = b.Sum(sw);
        if (b.Lane == 0)
        {
            squaresP[b.Index] = sp;
            squaresW[b.Index] = sw;
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(
        9 * n, p.BytesOf(n) + g.BytesOf(n) + r.BytesOf(n / M) + c.BytesOf(M) + squaresP.BytesOf(blocks) + squaresW.BytesOf(blocks));
}

/// <summary>
/// The factor on w: scale = max(ε₂, RMS(p)) / max(1, RMS(u)/threshold)·√(mean r), where u = w·√(mean r) is the whole update.
/// squaresP, squaresW (blocks), r (N), scale (1); count elements in all. One block.
/// </summary>
[Kernel]
public readonly partial record struct AdafactorScale(
    View<float> squaresP, View<float> squaresW, View<float> r, View<float> scale, float eps2, float threshold, long parts, long count, long N) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        float sp = Partials.Sum(b, squaresP, parts);
        float sw = Partials.Sum(b, squaresW, parts);
        float root = KMath.Sqrt(Partials.Sum(b, r, N) / N);
        if (b.Lane == 0)
        {
            float size = KMath.Max(eps2, KMath.Sqrt(sp / count));
            float length = KMath.Max(1f, KMath.Sqrt(sw / count) * root / threshold);
            scale[0] = size / length * root;
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new((2 * parts) + N, squaresP.BytesOf(parts) + squaresW.BytesOf(parts) + r.BytesOf(N) + scale.BytesOf(1));
}

/// <summary>
/// Adafactor's step: p = decay·p − lr·scale·w. p, g (n), of rows of M; r (n/M), c (M), scale (1). One block per
/// <see cref="Block.Span"/> elements.
/// </summary>
[Kernel]
public readonly partial record struct AdafactorApply(
    View<float> p, View<float> g, View<float> r, View<float> c, View<float> scale, View<float> clip, float gradScale, float lr, float decay, long n, long M) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        float factor = GradientFactor.Of(clip, gradScale);
        float rate = lr * scale[0];
        long end = b.End(n);
        for (long i = b.Start; i < end; i += b.Size)
        {
            p[i] = (decay * p[i]) - (rate * AdafactorDirection.Of(factor * g[i], r[i / M], c[i % M]));
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(8 * n, (2 * p.BytesOf(n)) + g.BytesOf(n) + r.BytesOf(n / M) + c.BytesOf(M));
}

/// <summary>The direction of Adafactor's update, before its length is set.</summary>
internal static class AdafactorDirection
{
    /// <summary>d/√(r·c), by one root after the other: r·c itself may be too small for a float32.</summary>
    public static float Of(float d, float r, float c) => d * KMath.Rsqrt(r) * KMath.Rsqrt(c);
}
