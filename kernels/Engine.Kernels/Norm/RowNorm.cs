using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// Normalisation of each row: y = γ·x̂ + β with x̂ = (x − μ)·r.
/// Layer normalisation (Ba, Kiros, Hinton 2016) if <paramref name="centred"/>: μ the mean, r = 1/√(σ² + ε), σ² the biased variance.
/// Otherwise RMS normalisation (Zhang, Sennrich 2019): μ = 0, r = 1/√(Σx²/C + ε).
/// x, y (N, C); γ, β (C), each optional. Saves μ, r (N) if their views exist. One block per row; its lanes stride over C.
/// </summary>
[Kernel]
public readonly partial record struct RowNormForward<T, E>(
    View<T> x, View<float> gamma, View<float> beta, View<T> y, View<float> mean, View<float> rstd,
    long C, float eps, bool centred) : IKernel
    where T : unmanaged
    where E : unmanaged, IElement<T>
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        View<T> xr = x.Row(b.Index, C);
        View<T> yr = y.Row(b.Index, C);
        Moments m = centred ? Moments.Of<T, E>(b, xr, C, eps) : Moments.Uncentred<T, E>(b, xr, C, eps);
        for (long c = b.Lane; c < C; c += b.Size)
        {
            float xhat = (E.Load(xr[c]) - m.Mean) * m.Rstd;
            float scaled = gamma.Exists ? gamma[c] * xhat : xhat;
            yr[c] = E.Store(beta.Exists ? scaled + beta[c] : scaled);
        }

        if (b.Lane == 0 && mean.Exists)
        {
            mean[b.Index] = m.Mean;
            rstd[b.Index] = m.Rstd;
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(
        ((centred ? 5 : 3) + (gamma.Exists ? 1 : 0) + (beta.Exists ? 1 : 0)) * blocks * C,
        x.BytesOf(blocks * C) + y.BytesOf(blocks * C) + gamma.BytesOf(C) + beta.BytesOf(C) + mean.BytesOf(blocks) + rstd.BytesOf(blocks));
}

/// <summary>
/// Backward of row normalisation, all gradients in one reading of x and dY. With g = γ·dY,
/// dX = r·(g − mean(g) − x̂·mean(g·x̂)), overwriting, where mean(g) is absent if not <paramref name="centred"/>;
/// dγ = Σ dY·x̂ and dβ = Σ dY over the rows. x, dY, dX (N, C); μ, r (N). A gradient that is not wanted is an empty view.
/// One block per chunk of <see cref="RowNormChunks.Rows"/> rows, so the sums over rows come out as one partial sum a chunk, dGamma and
/// dBeta (chunks, C), which <see cref="SumChunks"/> adds up: the order of additions depends on N alone. Each lane adds only
/// to the columns it owns.
/// </summary>
[Kernel]
public readonly partial record struct RowNormBackward<T, E>(
    View<T> x, View<float> gamma, View<T> dY, View<float> mean, View<float> rstd,
    View<T> dX, View<float> dGamma, View<float> dBeta, long N, long C, bool centred) : IKernel
    where T : unmanaged
    where E : unmanaged, IElement<T>
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        for (long c = b.Lane; c < C; c += b.Size)
        {
            if (dGamma.Exists)
            {
                dGamma[(b.Index * C) + c] = 0f;
            }

            if (dBeta.Exists)
            {
                dBeta[(b.Index * C) + c] = 0f;
            }
        }

        long end = Math.Min(N, (b.Index + 1) * RowNormChunks.Rows);
        for (long n = b.Index * RowNormChunks.Rows; n < end; n++)
        {
            Row(b, n);
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(
        (5 + (gamma.Exists ? 1 : 0) + (dGamma.Exists ? 2 : 0) + (dBeta.Exists ? 1 : 0) + (dX.Exists ? 4 : 0)) * N * C,
        x.BytesOf(N * C) + dY.BytesOf(N * C) + dX.BytesOf(N * C) + gamma.BytesOf(C) + mean.BytesOf(N) + rstd.BytesOf(N)
        + dGamma.BytesOf(blocks * C) + dBeta.BytesOf(blocks * C));

    private void Row(in Block b, long n)
    {
        View<T> xr = x.Row(n, C);
        View<T> dYr = dY.Row(n, C);
        float mu = mean[n];
        float r = rstd[n];
        float sumG = 0f;
        float sumGX = 0f;
        for (long c = b.Lane; c < C; c += b.Size)
        {
            float dy = E.Load(dYr[c]);
            float g = gamma.Exists ? gamma[c] * dy : dy;
            float xhat = (E.Load(xr[c]) - mu) * r;
            sumG += g;
            sumGX += g * xhat;
            if (dGamma.Exists)
            {
                dGamma[(b.Index * C) + c] += dy * xhat;
            }

            if (dBeta.Exists)
            {
                dBeta[(b.Index * C) + c] += dy;
            }
        }

        float meanG = centred ? b.Sum(sumG) / C : 0f;
        float meanGX = b.Sum(sumGX) / C;
        if (dX.Exists)
        {
            View<T> dXr = dX.Row(n, C);
            for (long c = b.Lane; c < C; c += b.Size)
            {
                float dy = E.Load(dYr[c]);
                float g = gamma.Exists ? gamma[c] * dy : dy;
                dXr[c] = E.Store(r * (g - meanG - ((E.Load(xr[c]) - mu) * r * meanGX)));
            }
        }
    }
}

/// <summary>How the backward of row normalisation divides the rows.</summary>
public static class RowNormChunks
{
    /// <summary>Rows of one partial sum.</summary>
    public const int Rows = 32;

    /// <summary>Chunks, and therefore blocks, for <paramref name="n"/> rows.</summary>
    public static long Of(long n) => (n + Rows - 1) / Rows;
}
