using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// Cross-entropy of each row of logits x with its target class t, where ε is the label smoothing and w are class weights
/// (1 if not given): ℓ = −(1 − ε)·w_t·log p_t − ε/V·Σ_c w_c·log p_c, p = softmax x (Szegedy et al., "Rethinking the Inception
/// architecture", 2016, for ε). x (N, V), targets (N), weights (V) or empty → loss (N); lse (N), if it exists, gets
/// log Σ e^x for backward, so no probability is stored. One block per row; its lanes stride over the classes. A row whose
/// target is <paramref name="ignore"/> is not read and has loss 0; a target that is no class gives NaN, so that it shows on
/// devices where targets are not checked. Numerics: the row's maximum is subtracted before the loss is formed; a row with
/// +∞ has loss and gradient NaN, as in PyTorch.
/// </summary>
[Kernel]
public readonly partial record struct CrossEntropyForward<T, E>(
    View<T> x, View<int> targets, View<float> weights, View<float> lse, View<float> loss,
    long V, float smoothing, int ignore) : IKernel
    where T : unmanaged
    where E : unmanaged, IElement<T>
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        int t = targets[b.Index];
        View<T> xr = x.Row(b.Index, V);
        long n = t == ignore ? 0 : V;
        ExpSum s = ExpSum.Of<T, E>(b, xr, 0, n, 1);
        float logSum = KMath.Log(s.Divisor);
        float spread = 0f;
        if (smoothing > 0f)
        {
            for (long c = b.Lane; c < n; c += b.Size)
            {
                float w = weights.Exists ? weights[c] : 1f;
                spread += w * (logSum - (E.Load(xr[c]) - s.Max));
            }
        }

        spread = b.Sum(spread);
        if (b.Lane == 0)
        {
            float own = float.NaN;
            if (t >= 0 && t < V)
            {
                own = ClassWeight.Of(weights, t, V) * (logSum - (E.Load(xr[t]) - s.Max));
            }

            loss[b.Index] = t == ignore ? 0f : ((1f - smoothing) * own) + (smoothing / V * spread);
            if (lse.Exists)
            {
                lse[b.Index] = s.Max + logSum;
            }
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(
        (smoothing > 0f ? 7 : 4) * blocks * V,
        x.BytesOf(blocks * V) + targets.BytesOf(blocks) + weights.BytesOf(V) + lse.BytesOf(blocks) + loss.BytesOf(blocks));
}

/// <summary>
/// dx_c = g·(((1 − ε)·w_t + ε/V·Σ w)·p_c − ε/V·w_c − (1 − ε)·w_t·[c = t]), overwriting, with g = dY·scale: dY is one number, or
/// one a row if <paramref name="perRow"/>, and scale (1), if given, the 1/Σ of a mean. 0 in rows that are ignored. Blocks and
/// shapes as in <see cref="CrossEntropyForward{T, E}"/>, x and dX (N, V).
/// </summary>
[Kernel]
public readonly partial record struct CrossEntropyBackward<T, E>(
    View<T> x, View<int> targets, View<float> weights, View<float> lse, View<float> dY, View<float> scale, View<T> dX,
    long V, float smoothing, int ignore, bool perRow) : IKernel
    where T : unmanaged
    where E : unmanaged, IElement<T>
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        int t = targets[b.Index];
        View<T> xr = x.Row(b.Index, V);
        View<T> dXr = dX.Row(b.Index, V);
        float sumW = 0f;
        if (smoothing > 0f)
        {
            for (long c = b.Lane; c < V; c += b.Size)
            {
                sumW += weights.Exists ? weights[c] : 1f;
            }
        }

        sumW = b.Sum(sumW);
        float g = dY[perRow ? b.Index : 0] * (scale.Exists ? scale[0] : 1f);
        float own = g * (1f - smoothing) * ClassWeight.Of(weights, t, V);
        float each = g * smoothing / V;
        float total = own + (each * sumW);
        for (long c = b.Lane; c < V; c += b.Size)
        {
            float w = weights.Exists ? weights[c] : 1f;
            float d = t == ignore ? 0f : (total * KMath.Exp(E.Load(xr[c]) - lse[b.Index])) - (each * w);
            dXr[c] = E.Store(c == t && t != ignore ? d - own : d);
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(
        5 * blocks * V,
        x.BytesOf(blocks * V) + targets.BytesOf(blocks) + weights.BytesOf(V) + lse.BytesOf(blocks) + dY.BytesOf(perRow ? blocks : 1) + dX.BytesOf(blocks * V));
}

/// <summary>
/// The total of the rows' losses: Σ ℓ, or if <paramref name="mean"/> Σ ℓ/Σ w_t over the rows that are not ignored, which is NaN if there
/// are none, as in PyTorch. scale (1) gets what backward multiplies by, 1/Σ w_t or 1; 0 if no row counts. One block.
/// loss, targets (N), weights (V) or empty → total ().
/// </summary>
[Kernel]
public readonly partial record struct CrossEntropyTotal(
    View<float> loss, View<int> targets, View<float> weights, View<float> total, View<float> scale,
    long N, long V, int ignore, bool mean) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        float count = 0f;
        for (long n = b.Lane; n < N; n += b.Size)
        {
            count += targets[n] == ignore ? 0f : ClassWeight.Of(weights, targets[n], V);
        }

        count = b.Sum(count);
        float sum = Partials.Sum(b, loss, N);
        if (b.Lane == 0)
        {
            total[0] = mean ? sum / count : sum;
            scale[0] = !mean ? 1f : count == 0f ? 0f : 1f / count;
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(2 * N, loss.BytesOf(N) + targets.BytesOf(N) + weights.BytesOf(V) + total.BytesOf(1) + scale.BytesOf(1));
}

/// <summary>The weight of a target's class.</summary>
internal static class ClassWeight
{
    /// <summary>weights[t], or 1 where no weights are given; NaN for a target that is no class.</summary>
    public static float Of(View<float> weights, int t, long V)
    {
        float w = float.NaN;
        if (t >= 0 && t < V)
        {
            w = weights.Exists ? weights[t] : 1f;
        }

        return w;
    }
}
