using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// Batch normalisation (Ioffe, Szegedy 2015): y = γ·(x − μ)·r + β, r = 1/√(σ² + ε), for each channel.
/// If <paramref name="training"/>, μ and σ² (biased) are those of the channel over examples and places, and the running statistics,
/// where given, move towards them in place: running ← (1 − momentum)·running + momentum·(μ, unbiased σ²). Otherwise μ
/// and σ² are the running statistics.
/// x, y (B, C, S); γ, β (C), each optional; runningMean, runningVariance (C). Saves μ, r (C) if their views exist.
/// One block per channel. Numerics: corrected two-pass moments, as in <see cref="Moments"/>. The two modes are two programs:
/// PoCL 3.1 lets every lane run what one lane is to do after a collective under a condition.
/// </summary>
[Kernel]
public readonly partial record struct BatchNormForward(
    View<float> x, View<float> gamma, View<float> beta, View<float> runningMean, View<float> runningVariance,
    View<float> y, View<float> mean, View<float> rstd, long B, long C, long S, float momentum, float eps, [Specialize] bool training, bool moveRunning) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        Plane mine = Plane.Share(b, B, S);
        Moments m = training ? FromBatch(b, mine) : new Moments(runningMean[b.Index], KMath.Rsqrt(runningVariance[b.Index] + eps));
        float scale = gamma.Exists ? gamma[b.Index] * m.Rstd : m.Rstd;
        float shift = beta.Exists ? beta[b.Index] : 0f;
        for (long i = mine.FirstRow; i < B; i += mine.RowStep)
        {
            View<float> xr = x.Row((i * C) + b.Index, S);
            View<float> yr = y.Row((i * C) + b.Index, S);
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
        (training ? 6 : 3) * B * C * S,
        x.BytesOf(B * C * S) + y.BytesOf(B * C * S) + gamma.BytesOf(C) + beta.BytesOf(C) + mean.BytesOf(C) + rstd.BytesOf(C)
        + (!training ? runningMean.BytesOf(2 * C) : moveRunning ? runningMean.BytesOf(4 * C) : 0));

    private Moments FromBatch(in Block b, in Plane mine)
    {
        float sum = 0f;
        for (long i = mine.FirstRow; i < B; i += mine.RowStep)
        {
            View<float> xr = x.Row((i * C) + b.Index, S);
            for (long s = mine.First; s < S; s += mine.Step)
            {
                sum += xr[s];
            }
        }

        float n = B * S;
        float mu = b.Sum(sum) / n;
        float q = 0f;
        float e = 0f;
        for (long i = mine.FirstRow; i < B; i += mine.RowStep)
        {
            View<float> xr = x.Row((i * C) + b.Index, S);
            for (long s = mine.First; s < S; s += mine.Step)
            {
                float d = xr[s] - mu;
                q += d * d;
                e += d;
            }
        }

        float rest = b.Sum(e) / n;
        float variance = (b.Sum(q) / n) - (rest * rest);
        mu += rest;
        if (b.Lane == 0 && moveRunning)
        {
            runningMean[b.Index] += momentum * (mu - runningMean[b.Index]);
            runningVariance[b.Index] += momentum * ((variance * n / (n - 1f)) - runningVariance[b.Index]);
        }

        return new Moments(mu, KMath.Rsqrt(variance + eps));
    }
}

/// <summary>
/// Backward of batch normalisation. dγ = Σ dY·x̂ and dβ = Σ dY over a channel, written or added to what is there. dX, overwriting:
/// γ·r·(dY − mean(dY) − x̂·mean(dY·x̂)) if <paramref name="training"/>, since μ and σ² then depend on x, otherwise γ·r·dY.
/// Shapes as in <see cref="BatchNormForward"/>; a gradient that is not wanted is an empty view. One block per channel.
/// </summary>
[Kernel]
public readonly partial record struct BatchNormBackward(
    View<float> x, View<float> gamma, View<float> dY, View<float> mean, View<float> rstd,
    View<float> dX, View<float> dGamma, View<float> dBeta, long B, long C, long S, bool training, bool addGamma, bool addBeta) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        Plane mine = Plane.Share(b, B, S);
        float mu = mean[b.Index];
        float r = rstd[b.Index];
        float sum = 0f;
        float sumX = 0f;
        for (long i = mine.FirstRow; i < B; i += mine.RowStep)
        {
            View<float> xr = x.Row((i * C) + b.Index, S);
            View<float> dYr = dY.Row((i * C) + b.Index, S);
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

        if (dX.Exists)
        {
            float scale = gamma.Exists ? gamma[b.Index] * r : r;
            float meanG = training ? sum / (B * S) : 0f;
            float meanGX = training ? sumX / (B * S) : 0f;
            for (long i = mine.FirstRow; i < B; i += mine.RowStep)
            {
                View<float> xr = x.Row((i * C) + b.Index, S);
                View<float> dYr = dY.Row((i * C) + b.Index, S);
                View<float> dXr = dX.Row((i * C) + b.Index, S);
                for (long s = mine.First; s < S; s += mine.Step)
                {
                    dXr[s] = scale * (dYr[s] - meanG - ((xr[s] - mu) * r * meanGX));
                }
            }
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(
        (dX.Exists ? 9 : 5) * B * C * S,
        x.BytesOf(B * C * S) + dY.BytesOf(B * C * S) + dX.BytesOf(B * C * S) + gamma.BytesOf(C) + mean.BytesOf(C) + rstd.BytesOf(C)
        + ((addGamma ? 2 : 1) * dGamma.BytesOf(C)) + ((addBeta ? 2 : 1) * dBeta.BytesOf(C)));
}
