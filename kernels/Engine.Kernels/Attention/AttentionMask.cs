using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// The mask of an attention as numbers to add to its scores: 0 where the query sees the key, <paramref name="hidden"/> where not.
/// mask (B, 1, Tq, Tk); keyMask (B, Tk) and keyRanges (B, Tq, 2) may be absent. One block per row. Attention itself never makes this matrix; definitions in
/// primitive ops do.
/// </summary>
[Kernel]
public readonly partial record struct AttentionMask(View<int> keyMask, View<int> keyRanges, View<float> mask, AttentionShape shape, float hidden) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        int i = (int)(b.Index % shape.Tq);
        int batch = (int)(b.Index / shape.Tq);
        int first = Attention.FirstKey(shape, keyRanges, batch, i);
        int end = Attention.EndKey(shape, keyRanges, batch, i);
        View<float> row = mask.Row(b.Index, shape.Tk);
        for (int j = b.Lane; j < shape.Tk; j += b.Size)
        {
            bool real = !keyMask.Exists || keyMask[((long)batch * shape.Tk) + j] != 0;
            row[j] = real && j >= first && j < end ? 0f : hidden;
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(0, keyMask.BytesOf((long)shape.B * shape.Tk) + keyRanges.BytesOf(2L * blocks) + mask.BytesOf(blocks * shape.Tk));
}
