using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// Rows of an int8 matrix in float32: y[n] = s[v]·q[v] with v = indices[n], or v = n without indices: all rows. q (V, C), s (V),
/// indices (N) or empty, y (N, C). One block per row. An index outside gives a row of NaN, as in <see cref="EmbeddingForward{T, E}"/>.
/// </summary>
[Kernel]
public readonly partial record struct Int8Rows(View<sbyte> q, View<float> scale, View<int> indices, View<float> y, long V, long C) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long v = indices.Exists ? indices[b.Index] : b.Index;
        View<float> yr = y.Row(b.Index, C);
        bool inside = v >= 0 && v < V;
        for (long c = b.Lane; c < C; c += b.Size)
        {
            yr[c] = inside ? scale[v] * q[(v * C) + c] : float.NaN;
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(
        blocks * C, q.BytesOf(blocks * C) + scale.BytesOf(blocks) + indices.BytesOf(blocks) + y.BytesOf(blocks * C));
}
