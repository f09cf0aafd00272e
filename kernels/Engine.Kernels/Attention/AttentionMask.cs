using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// The mask of an attention as numbers to add to its scores: 0 where the query sees the key, <paramref name="hidden"/> where not.
/// mask (B, 1, Tq, Tk); keyMask (B, Tk) or absent. One block per row. Attention itself never makes this matrix; definitions in
/// primitive ops do.
/// </summary>
[Kernel]
public readonly partial record struct AttentionMask(View<int> keyMask, View<float> mask, AttentionShape shape, float hidden) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        int i = (int)(b.Index % shape.Tq);
        long batch = b.Index / shape.Tq;
        View<float> row = mask.Row(b.Index, shape.Tk);
        for (int j = b.Lane; j < shape.Tk; j += b.Size)
        {
            bool real = !keyMask.Exists || keyMask[(batch * shape.Tk) + j] != 0;
            row[j] = real && j >= shape.FirstKey(i) && j < shape.EndKey(i) ? 0f : hidden;
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(0, keyMask.BytesOf((long)shape.B * shape.Tk) + mask.BytesOf(blocks * shape.Tk));
}
