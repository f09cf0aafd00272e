using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// Group normalisation (Wu, He 2018): the C channels of an example are split into G groups of D, each normalised over its
/// channels and places: y = γ[c]·x̂ + β[c], x̂ = (x − μ)·r. With G = C it is instance normalisation.
/// x, y (B, G, D, S); γ, β (G·D), each optional. Saves μ, r (B·G) if their views exist. One block per group of an example,
/// whose elements are neighbours in memory.
/// </summary>
[Kernel]
public readonly partial record struct GroupNormForward(
    View<float> x, View<float> gamma, View<float> beta, View<float> y, View<float> mean, View<float> rstd,
    long G, long D, long S, float eps) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        Moments m = Moments.Of<float, Float32Element>(b, x.Row(b.Index, D * S), D * S, eps);
        Plane mine = Plane.Share(b, D, S);
        for (long d = mine.FirstRow; d < D; d += mine.RowStep)
        {
            long c = (b.Index % G * D) + d;
            float scale = gamma.Exists ? gamma[c] * m.Rstd : m.Rstd;
            float shift = beta.Exists ? beta[c] : 0f;
            View<float> xr = x.Row((b.Index * D) + d, S);
            View<float> yr = y.Row((b.Index * D) + d, S);
            for (long s = mine.First; s < S; s += mine.Step)
            {
                yr[s] = ((xr[s] - m.Mean) * scale) + shift;
            }
        }

        if (b.Lane == 0 && mean.Exists)
        {
            mean[b.Index] = m.Mean;
            rstd[b.Index] = m.Rstd;
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(
        6 * blocks * D * S,
        x.BytesOf(blocks * D * S) + y.BytesOf(blocks * D * S) + gamma.BytesOf(G * D) + beta.BytesOf(G * D) + mean.BytesOf(blocks) + rstd.BytesOf(blocks));
}

/// <summary>
/// dX = r·(g − mean(g) − x̂·mean(g·x̂)) with g = γ[c]·dY, the means over a group; overwriting. Shapes as in
/// <see cref="GroupNormForward"/>. One block per group of an example.
/// </summary>
[Kernel]
public readonly partial record struct GroupNormBackward(
    View<float> x, View<float> gamma, View<float> dY, View<float> mean, View<float> rstd, View<float> dX,
    long G, long D, long S) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        Plane mine = Plane.Share(b, D, S);
        float mu = mean[b.Index];
        float r = rstd[b.Index];
        float sumG = 0f;
        float sumGX = 0f;
        for (long d = mine.FirstRow; d < D; d += mine.RowStep)
        {
            View<float> xr = x.Row((b.Index * D) + d, S);
            View<float> dYr = dY.Row((b.Index * D) + d, S);
            float gain = Gain(b, d);
            for (long s = mine.First; s < S; s += mine.Step)
            {
                sumG += gain * dYr[s];
                sumGX += gain * dYr[s] * (xr[s] - mu) * r;
            }
        }

        float meanG = b.Sum(sumG) / (D * S);
        float meanGX = b.Sum(sumGX) / (D * S);
        for (long d = mine.FirstRow; d < D; d += mine.RowStep)
        {
            View<float> xr = x.Row((b.Index * D) + d, S);
            View<float> dYr = dY.Row((b.Index * D) + d, S);
            View<float> dXr = dX.Row((b.Index * D) + d, S);
            float gain = Gain(b, d);
            for (long s = mine.First; s < S; s += mine.Step)
            {
                dXr[s] = r * ((gain * dYr[s]) - meanG - ((xr[s] - mu) * r * meanGX));
            }
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(
        10 * blocks * D * S,
        x.BytesOf(blocks * D * S) + dY.BytesOf(blocks * D * S) + dX.BytesOf(blocks * D * S) + gamma.BytesOf(G * D) + mean.BytesOf(blocks) + rstd.BytesOf(blocks));

    private float Gain(in Block b, long d) => gamma.Exists ? gamma[(b.Index % G * D) + d] : 1f;
}

/// <summary>
/// dγ[c] = Σ dY·x̂ and dβ[c] = Σ dY over examples and places, written or added to what is there. x, dY (B, C, S); μ, r (B·G),
/// D channels a group; dGamma, dBeta (C), each optional. One block per channel, which alone writes its two sums.
/// </summary>
[Kernel]
public readonly partial record struct GroupNormParameters(
    View<float> x, View<float> dY, View<float> mean, View<float> rstd, View<float> dGamma, View<float> dBeta,
    long B, long C, long D, long S, bool addGamma, bool addBeta) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        Plane mine = Plane.Share(b, B, S);
        float sum = 0f;
        float sumX = 0f;
        for (long i = mine.FirstRow; i < B; i += mine.RowStep)
        {
            long row = (i * C) + b.Index;
            View<float> xr = x.Row(row, S);
            View<float> dYr = dY.Row(row, S);
            float mu = mean[row / D];
            float r = rstd[row / D];
            for (long s = mine.First; s < S; s += mine.Step)
            {
                sum += dYr[s];
                sumX += dYr[s] * (xr[s] - mu) * r;
            }
        }

        sum = b.Sum(sum);
        sumX = b.Sum(sumX);
        Result.Write(b, dGamma, sumX, addGamma);
        Result.Write(b, dBeta, sum, addBeta);
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(
        5 * B * C * S,
        x.BytesOf(B * C * S) + dY.BytesOf(B * C * S) + mean.BytesOf(B * C / D) + rstd.BytesOf(B * C / D)
        + ((addGamma ? 2 : 1) * dGamma.BytesOf(C)) + ((addBeta ? 2 : 1) * dBeta.BytesOf(C)));
}
