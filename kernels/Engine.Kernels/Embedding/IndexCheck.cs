using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// outside[0] = 1 if an index is neither in 0 … bound − 1 nor equal to <paramref name="ignore"/>, otherwise 0. One block;
/// its lanes stride over the indices. indices (n), outside (1).
/// </summary>
[Kernel]
public readonly partial record struct IndexCheck(View<int> indices, View<int> outside, long n, int bound, int ignore) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        float found = 0f;
        for (long i = b.Lane; i < n; i += b.Size)
        {
            bool wrong = (indices[i] < 0 || indices[i] >= bound) && indices[i] != ignore;
            found = wrong ? 1f : found;
        }

        found = b.Max(found);
        if (b.Lane == 0)
        {
            outside[0] = found > 0f ? 1 : 0;
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(0, indices.BytesOf(n) + outside.BytesOf(1));
}
