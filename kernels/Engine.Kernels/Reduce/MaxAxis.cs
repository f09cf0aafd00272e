using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// y = sign·max(sign·x) over the middle axis, so sign −1 gives the minimum, and the index of its first occurrence. A NaN wins
/// over every number. One block per result: each lane finds the first maximum among its own elements, then the block agrees on
/// the value and on the smallest index that has it. x (outer, n, inner) → y, index (outer, inner); y may be left out.
/// </summary>
[Kernel]
public readonly partial record struct MaxAxis(View<float> x, View<float> y, View<int> index, int n, long inner, float sign) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long start = (b.Index / inner * n * inner) + (b.Index % inner);
        float best = float.NegativeInfinity;
        int at = n;
        for (int i = b.Lane; i < n; i += b.Size)
        {
            float v = sign * x[start + (i * inner)];
            if (at == n || v > best || (float.IsNaN(v) && !float.IsNaN(best)))
            {
                best = v;
                at = i;
            }
        }

        float m = b.Max(best);
        int first = b.Min(best == m || (float.IsNaN(best) && float.IsNaN(m)) ? at : n);
        if (b.Lane == 0)
        {
            index[b.Index] = first;
            if (y.Exists)
            {
                y[b.Index] = sign * m;
            }
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(blocks * n, x.BytesOf(blocks * n) + y.BytesOf(blocks) + index.BytesOf(blocks));
}

/// <summary>
/// dX = dY at the saved index and 0 elsewhere, overwriting. One block per result; its lanes stride over the axis.
/// dY, index (outer, inner) → dX (outer, n, inner).
/// </summary>
[Kernel]
public readonly partial record struct MaxAxisBackward(View<float> dY, View<int> index, View<float> dX, int n, long inner) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long start = (b.Index / inner * n * inner) + (b.Index % inner);
        float g = dY[b.Index];
        int first = index[b.Index];
        for (int i = b.Lane; i < n; i += b.Size)
        {
            dX[start + (i * inner)] = i == first ? g : 0f;
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(0, dY.BytesOf(blocks) + index.BytesOf(blocks) + dX.BytesOf(blocks * n));
}
