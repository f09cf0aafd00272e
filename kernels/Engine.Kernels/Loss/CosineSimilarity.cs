using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// y = Σ u·v/(max(‖u‖, eps)·max(‖v‖, eps)) for each pair of rows. u, v (N, C) → y, ‖u‖, ‖v‖ (N), the norms kept for backward.
/// One block per row; its lanes stride over C.
/// </summary>
[Kernel]
public readonly partial record struct CosineSimilarityForward(
    View<float> u, View<float> v, View<float> y, View<float> normU, View<float> normV, long C, float eps) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        View<float> ur = u.Row(b.Index, C);
        View<float> vr = v.Row(b.Index, C);
        float dot = 0f;
        float squaresU = 0f;
        float squaresV = 0f;
        for (long c = b.Lane; c < C; c += b.Size)
        {
            dot += ur[c] * vr[c];
            squaresU += ur[c] * ur[c];
            squaresV += vr[c] * vr[c];
        }

        float lengthU = KMath.Sqrt(b.Sum(squaresU));
        float lengthV = KMath.Sqrt(b.Sum(squaresV));
        Result.Write(b, y, b.Sum(dot) / (KMath.Max(lengthU, eps) * KMath.Max(lengthV, eps)), false);
        Result.Write(b, normU, lengthU, false);
        Result.Write(b, normV, lengthV, false);
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(
        6 * blocks * C, u.BytesOf(blocks * C) + v.BytesOf(blocks * C) + y.BytesOf(blocks) + normU.BytesOf(blocks) + normV.BytesOf(blocks));
}

/// <summary>
/// The gradient of one operand, overwriting: dU = dY·(v/‖v‖ − y·u/‖u‖)/‖u‖, norms below eps replaced by eps, and then without
/// the term y·u/‖u‖. Blocks and shapes as in <see cref="CosineSimilarityForward"/>; exchanging u and v gives dV.
/// </summary>
[Kernel]
public readonly partial record struct CosineSimilarityBackward(
    View<float> u, View<float> v, View<float> y, View<float> normU, View<float> normV, View<float> dY, View<float> dU,
    long C, float eps) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        float lengthU = KMath.Max(normU[b.Index], eps);
        float lengthV = KMath.Max(normV[b.Index], eps);
        float along = normU[b.Index] >= eps ? y[b.Index] / lengthU : 0f;
        float g = dY[b.Index] / lengthU;
        for (long c = b.Lane; c < C; c += b.Size)
        {
            long at = (b.Index * C) + c;
            dU[at] = g * ((v[at] / lengthV) - (u[at] * along));
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(
        4 * blocks * C, u.BytesOf(blocks * C) + v.BytesOf(blocks * C) + dU.BytesOf(blocks * C) + (4 * y.BytesOf(blocks)));
}
