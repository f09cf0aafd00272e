using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// The gradient of each row's own cross-entropy, dX = softmax x − onehot t, and that loss: forward and backward in one pass
/// over memory that stays in the cache, for the fused linear + cross-entropy. x (N, V), targets (N) → dX (N, V), which may be
/// x itself, loss (N). Blocks, ignored rows (gradient 0), targets that are no class (NaN) and numerics as in
/// <see cref="CrossEntropyForward{T, E}"/>.
/// </summary>
[Kernel]
public readonly partial record struct CrossEntropyGradient<T, E>(
    View<float> x, View<int> targets, View<T> dX, View<float> loss, long V, int ignore) : IKernel
    where T : unmanaged
    where E : unmanaged, IElement<T>
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        int t = targets[b.Index];
        bool inside = t >= 0 && t < V;
        View<float> xr = x.Row(b.Index, V);
        View<T> dXr = dX.Row(b.Index, V);

        // Read before the collectives in ExpSum.Of, after which the lane that owns column t overwrites it.
        float xt = inside ? xr[t] : float.NaN;
        ExpSum s = ExpSum.Of<float, Float32Element>(b, xr, 0, t == ignore ? 0 : V, 1);
        float sum = s.Divisor;
        for (long c = b.Lane; c < V; c += b.Size)
        {
            float p = KMath.Exp(xr[c] - s.Max) / sum;
            float d = c == t ? p - 1f : p;
            dXr[c] = E.Store(t == ignore ? 0f : inside ? d : float.NaN);
        }

        if (b.Lane == 0)
        {
            loss[b.Index] = t == ignore ? 0f : KMath.Log(sum) - (xt - s.Max);
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(5 * blocks * V, x.BytesOf(blocks * V) + targets.BytesOf(blocks) + dX.BytesOf(blocks * V) + loss.BytesOf(blocks));
}
