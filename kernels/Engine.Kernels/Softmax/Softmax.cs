using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// y = e^x/Σ e^x along the middle axis, or its logarithm x − log Σ e^x if <paramref name="log"/>. x, y (outer, n, inner). One block per
/// line; its lanes stride over the axis. Numerics: the line's maximum is subtracted first, see <see cref="ExpSum"/>; the
/// logarithm is (x − max) − log Σ e^(x − max), exact to the last digits for logits of any size. A line of −∞, or with +∞,
/// gives NaN, as in PyTorch.
/// </summary>
[Kernel]
public readonly partial record struct SoftmaxForward(View<float> x, View<float> y, long n, long inner, bool log) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long start = (b.Index / inner * n * inner) + (b.Index % inner);
        ExpSum s = ExpSum.Of<float, Float32Element>(b, x, start, n, inner);
        float sum = s.Divisor;
        float logSum = KMath.Log(sum);
        for (long i = b.Lane; i < n; i += b.Size)
        {
            long at = start + (i * inner);
            float d = x[at] - s.Max;
            y[at] = log ? d - logSum : KMath.Exp(d) / sum;
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(5 * blocks * n, x.BytesOf(blocks * n) + y.BytesOf(blocks * n));
}

/// <summary>
/// dX = y·(dY − Σ y·dY), or for the logarithm dX = dY − e^y·Σ dY, overwriting. Blocks and shapes as in
/// <see cref="SoftmaxForward"/>, whose result y is all that is kept.
/// </summary>
[Kernel]
public readonly partial record struct SoftmaxBackward(
    View<float> y, View<float> dY, View<float> dX, long n, long inner, bool log) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long start = (b.Index / inner * n * inner) + (b.Index % inner);
        float s = 0f;
        for (long i = b.Lane; i < n; i += b.Size)
        {
            long at = start + (i * inner);
            s += log ? dY[at] : y[at] * dY[at];
        }

        s = b.Sum(s);
        for (long i = b.Lane; i < n; i += b.Size)
        {
            long at = start + (i * inner);
            dX[at] = log ? dY[at] - (KMath.Exp(y[at]) * s) : y[at] * (dY[at] - s);
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(4 * blocks * n, y.BytesOf(blocks * n) + dY.BytesOf(blocks * n) + dX.BytesOf(blocks * n));
}
