using Engine.Kernels;

namespace Engine;

/// <summary>Launches the attention kernels on (B, H, T, D) tensors, strided or not, for the ops that differ only in layout.</summary>
internal static class AttentionKernels
{
    /// <summary>The sizes of q (B, Hq, Tq, D) against k (B, Hk, Tk, D).</summary>
    public static AttentionShape ShapeOf(Tensor q, Tensor k, in AttentionOptions options)
    {
        int D = q.Shape[3];
        float scale = options.Scale ?? (1f / MathF.Sqrt(D));

        // A window of all keys hides none; a larger one only invites overflow.
        int window = Math.Min(options.Window, Math.Max(1, k.Shape[2]));
        return new(q.Shape[0], q.Shape[1], k.Shape[1], q.Shape[2], k.Shape[2], D, scale, options.Causal, window);
    }

    /// <summary>A (B, H, T, D) tensor as kernels address it.</summary>
    public static HeadLayout LayoutOf(Tensor x) =>
        x.IsDefined ? new(x.Data.Strides[0], x.Data.Strides[1], x.Data.Strides[2]) : default;

    /// <summary>Whether rows are unbroken, which is all that the kernels ask of a layout.</summary>
    public static bool HasAdjacentColumns(Tensor x) => x.Data.Strides[x.Rank - 1] == 1 || x.Shape[^1] <= 1;

    /// <summary>Writes y, and lse (B, Hq, Tq) if it is defined.</summary>
    public static void Forward(
        in OpContext context, Tensor q, Tensor k, Tensor v, Tensor y, Tensor lse, in AttentionOptions options)
    {
        AttentionShape shape = ShapeOf(q, k, options);
        context.Launch(
            new AttentionForward(
                q.Raw<float>(), k.Raw<float>(), v.Raw<float>(), y.Raw<float>(), Optional.Flat<float>(lse),
                Optional.Flat<int>(options.KeyMask), Optional.Flat<float>(options.Bias),
                LayoutOf(q), LayoutOf(k), LayoutOf(v), LayoutOf(y), shape),
            (long)shape.B * shape.Hq * shape.Tq);
    }

    /// <summary>Overwrites dQ, dK and dV, of which dQ or the other two may be undefined; dY is laid out as y.</summary>
    public static void Backward(
        in OpContext context, Tensor q, Tensor k, Tensor v, Tensor y, Tensor lse, in AttentionOptions options,
        Tensor dY, Tensor dQ, Tensor dK, Tensor dV)
    {
        AttentionShape shape = ShapeOf(q, k, options);
        context.Launch(
            new AttentionBackward(
                q.Raw<float>(), k.Raw<float>(), v.Raw<float>(), y.Raw<float>(), lse.Flat<float>(),
                Optional.Flat<int>(options.KeyMask), Optional.Flat<float>(options.Bias),
                dY.Raw<float>(), Optional.Raw<float>(dQ), Optional.Raw<float>(dK), Optional.Raw<float>(dV),
                LayoutOf(q), LayoutOf(k), LayoutOf(v), LayoutOf(y), LayoutOf(dQ), LayoutOf(dK), LayoutOf(dV), shape),
            AttentionBackward.Blocks(shape));
    }
}
