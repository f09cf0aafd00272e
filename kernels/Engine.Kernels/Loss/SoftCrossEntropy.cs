using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// Cross-entropy of each row of logits x with a distribution q over the classes: ℓ = −Σ_c q_c·log p_c, p = softmax x.
/// x, q (N, V) → loss (N); lse (N), if it exists, gets log Σ e^x for backward. One block per row; its lanes stride over the classes. q need not
/// sum to 1. Numerics: the row's maximum is subtracted first; a row with +∞ gives NaN.
/// </summary>
[Kernel]
public readonly partial record struct SoftCrossEntropyForward(
    View<float> x, View<float> q, View<float> lse, View<float> loss, long V) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        View<float> xr = x.Row(b.Index, V);
        View<float> qr = q.Row(b.Index, V);
        ExpSum s = ExpSum.Of<float, Float32Element>(b, xr, 0, V, 1);
        float logSum = KMath.Log(s.Divisor);
        float sum = 0f;
        for (long c = b.Lane; c < V; c += b.Size)
        {
            sum += qr[c] * (logSum - (xr[c] - s.Max));
        }

        Result.Write(b, loss, b.Sum(sum), false);
        Result.Write(b, lse, s.Max + logSum, false);
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(7 * blocks * V, x.BytesOf(blocks * V) + q.BytesOf(blocks * V) + lse.BytesOf(blocks) + loss.BytesOf(blocks));
}

/// <summary>
/// dX = g·(p·Σ q − q) and dQ = −g·log p, overwriting, with g = scale·dY; dY is one number, or one a row if
/// <paramref name="perRow"/>. A gradient that is not wanted is an empty view. Blocks and shapes as in <see cref="SoftCrossEntropyForward"/>.
/// </summary>
[Kernel]
public readonly partial record struct SoftCrossEntropyBackward(
    View<float> x, View<float> q, View<float> lse, View<float> dY, View<float> dX, View<float> dQ,
    long V, float scale, bool perRow) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        View<float> xr = x.Row(b.Index, V);
        View<float> qr = q.Row(b.Index, V);
        float sumQ = 0f;
        for (long c = b.Lane; c < V; c += b.Size)
        {
            sumQ += qr[c];
        }

        sumQ = b.Sum(sumQ);
        float g = scale * dY[perRow ? b.Index : 0];
        float total = lse[b.Index];
        for (long c = b.Lane; c < V; c += b.Size)
        {
            long at = (b.Index * V) + c;
            if (dX.Exists)
            {
                dX[at] = g * ((KMath.Exp(xr[c] - total) * sumQ) - qr[c]);
            }

            if (dQ.Exists)
            {
                dQ[at] = g * (total - xr[c]);
            }
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(
        (2 + (dX.Exists ? 4 : 0) + (dQ.Exists ? 1 : 0)) * blocks * V,
        x.BytesOf(blocks * V) + q.BytesOf(blocks * V) + lse.BytesOf(blocks) + dY.BytesOf(perRow ? blocks : 1) + dX.BytesOf(blocks * V) + dQ.BytesOf(blocks * V));
}
