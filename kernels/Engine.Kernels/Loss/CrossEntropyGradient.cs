using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// Replaces each row of logits by the gradient of its own cross-entropy, softmax x − onehot t, and writes that loss: forward and
/// backward in one pass over memory that stays in the cache, for the fused linear + cross-entropy. x (N, V) in place, targets (N)
/// → loss (N). Blocks, ignored rows (gradient 0), targets that are no class (NaN) and numerics as in
/// <see cref="CrossEntropyForward"/>.
/// </summary>
[Kernel]
public readonly partial record struct CrossEntropyGradient(
    View<float> x, View<int> targets, View<float> loss, long V, int ignore) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        int t = targets[b.Index];
        bool inside = t >= 0 && t < V;
        View<float> xr = x.Row(b.Index, V);

        // Read before the collectives in ExpSum.Of, after which the lane that owns column t overwrites it.
        float xt = inside ? xr[t] : float.NaN;
        ExpSum s = ExpSum.Of(b, xr, 0, t == ignore ? 0 : V, 1);
        for (long c = b.Lane; c < V; c += b.Size)
        {
            float p = KMath.Exp(xr[c] - s.Max) / s.Sum;
            float d = c == t ? p - 1f : p;
            xr[c] = t == ignore ? 0f : inside ? d : float.NaN;
        }

        if (b.Lane == 0)
        {
            loss[b.Index] = t == ignore ? 0f : KMath.Log(s.Sum) - (xt - s.Max);
        }
    }
}
