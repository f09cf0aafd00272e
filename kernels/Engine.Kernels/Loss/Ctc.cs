using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// Connectionist temporal classification (Graves et al. 2006): −log of the probability of all paths of one class a frame that
/// give the target once repetitions are merged and blanks removed. Forward recursion in log space over the states of
/// <see cref="CtcShape"/>: α_t(s) = log Σ e^α_{t−1}(s′) + logProbs_t(label s), s′ ∈ {s, s − 1} and s − 2 where two labels that differ meet.
/// logProbs (T, B, C), targets (B, S), lengths (B) → loss (B), weighted for a mean if <paramref name="mean"/>, and α (B, T, L), kept for
/// backward. One block per item; its lanes stride over the states, one barrier a frame. An item with no path has loss +∞, or 0
/// if <paramref name="zeroInfinity"/>; a label that is no class gives NaN.
/// </summary>
[Kernel]
public readonly partial record struct CtcForward(
    View<float> logProbs, View<int> targets, View<int> inputLengths, View<int> targetLengths, View<float> alpha, View<float> loss,
    CtcShape shape, bool mean, bool zeroInfinity) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long frames = CtcShape.Length(inputLengths[b.Index], shape.T);
        long labels = CtcShape.Length(targetLengths[b.Index], shape.S);
        long n = (2 * labels) + 1;
        long first = b.Index * shape.S;
        View<float> a = alpha.From(b.Index * shape.T * shape.L);
        for (long t = 0; t < frames; t++)
        {
            View<float> now = a.From(t * shape.L);
            for (long s = b.Lane; s < n; s += b.Size)
            {
                float come = s < 2 ? 0f : float.NegativeInfinity;
                if (t > 0)
                {
                    View<float> before = a.From((t - 1) * shape.L);
                    come = s > 0 ? CtcShape.LogAdd(before[s], before[s - 1]) : before[s];
                    come = shape.Skips(targets, first, s) ? CtcShape.LogAdd(come, before[s - 2]) : come;
                }

                now[s] = come + shape.Emit(logProbs, t, b.Index, shape.Label(targets, first, s));
            }

            b.Barrier();
        }

        if (b.Lane == 0)
        {
            float nll = -CtcShape.LogLikelihood(a.From(Math.Max(0, frames - 1) * shape.L), frames, n);
            nll = zeroInfinity && nll == float.PositiveInfinity ? 0f : nll;
            loss[b.Index] = nll * shape.Weight(labels, mean);
        }
    }
}

/// <summary>
/// The gradient with respect to the log-probabilities: dLogProbs_t(c) = −g·Σ over the states s of class c of e^(α_t(s) + β_t(s) − log p), the
/// share of the paths that are in class c at frame t, overwriting; g = dY·weight. β_t(s) is the log-probability of getting from
/// state s at frame t to the end; two rows of it are alive at a time, beta (B, 2, L). One block per item, as in
/// <see cref="CtcForward"/>. A class that occurs several times is added up by the lane of its first label, in order, so without atomics.
/// </summary>
[Kernel]
public readonly partial record struct CtcBackward(
    View<float> logProbs, View<int> targets, View<int> inputLengths, View<int> targetLengths, View<float> alpha, View<float> beta,
    View<float> dY, View<float> dLogProbs, CtcShape shape, bool mean, bool zeroInfinity, bool perItem) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long frames = CtcShape.Length(inputLengths[b.Index], shape.T);
        long labels = CtcShape.Length(targetLengths[b.Index], shape.S);
        long n = (2 * labels) + 1;
        View<float> a = alpha.From(b.Index * shape.T * shape.L);
        float logP = CtcShape.LogLikelihood(a.From(Math.Max(0, frames - 1) * shape.L), frames, n);
        bool none = zeroInfinity && logP == float.NegativeInfinity;
        float g = -dY[perItem ? b.Index : 0] * shape.Weight(labels, mean);
        for (long t = shape.T - 1; t >= 0; t--)
        {
            View<float> dRow = dLogProbs.Row((t * shape.B) + b.Index, shape.C);
            for (long c = b.Lane; c < shape.C; c += b.Size)
            {
                dRow[c] = 0f;
            }

            View<float> now = beta.From(((b.Index * 2) + (t % 2)) * shape.L);
            View<float> next = beta.From(((b.Index * 2) + ((t + 1) % 2)) * shape.L);
            for (long s = b.Lane; s < n && t < frames; s += b.Size)
            {
                now[s] = t == frames - 1 ? (s >= n - 2 ? 0f : float.NegativeInfinity) : Go(b, next, t, s, n);
            }

            b.Barrier();
            Share(b, a.From(t * shape.L), now, dRow, t < frames && !none ? labels : -1, logP, g);
        }
    }

    // β_t(s) from β_{t+1}.
    private float Go(in Block b, View<float> next, long t, long s, long n)
    {
        long first = b.Index * shape.S;
        float y = next[s] + shape.Emit(logProbs, t + 1, b.Index, shape.Label(targets, first, s));
        if (s + 1 < n)
        {
            y = CtcShape.LogAdd(y, next[s + 1] + shape.Emit(logProbs, t + 1, b.Index, shape.Label(targets, first, s + 1)));
        }

        if (s + 2 < n && shape.Skips(targets, first, s + 2))
        {
            y = CtcShape.LogAdd(y, next[s + 2] + shape.Emit(logProbs, t + 1, b.Index, shape.Label(targets, first, s + 2)));
        }

        return y;
    }

    // One frame's row of the gradient; none of it if labels is −1.
    private void Share(in Block b, View<float> a, View<float> beta, View<float> dRow, long labels, float logP, float g)
    {
        long first = b.Index * shape.S;
        float blank = 0f;
        for (long k = b.Lane; k <= labels; k += b.Size)
        {
            blank += KMath.Exp(a[2 * k] + beta[2 * k] - logP);
        }

        blank = b.Sum(blank);
        if (b.Lane == 0 && labels >= 0)
        {
            dRow[shape.Blank] = g * blank;
        }

        for (long k = b.Lane; k < labels; k += b.Size)
        {
            int label = targets[first + k];
            bool owner = label >= 0 && label < shape.C && label != shape.Blank;
            for (long j = 0; j < k && owner; j++)
            {
                owner = targets[first + j] != label;
            }

            float sum = 0f;
            for (long j = k; j < labels && owner; j++)
            {
                sum += targets[first + j] == label ? KMath.Exp(a[(2 * j) + 1] + beta[(2 * j) + 1] - logP) : 0f;
            }

            if (owner)
            {
                dRow[label] = g * sum;
            }
        }
    }
}
