using Engine.KernelLanguage;
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
        Elements.Run(q.DType, new ForwardWork(context, new(q, k, v, y, lse, options)));
    }

    /// <summary>Overwrites dQ, dK and dV, of which dQ or the other two may be undefined; dY is laid out as y.</summary>
    public static void Backward(
        in OpContext context, Tensor q, Tensor k, Tensor v, Tensor y, Tensor lse, in AttentionOptions options,
        Tensor dY, Tensor dQ, Tensor dK, Tensor dV)
    {
        Elements.Run(q.DType, new BackwardWork(context, new(q, k, v, y, lse, options), dY, dQ, dK, dV));
    }

    /// <summary>Adds the gradient of the bias to <paramref name="dBias"/>, or overwrites it.</summary>
    public static void BiasBackward(
        in OpContext context, Tensor q, Tensor k, Tensor v, Tensor y, Tensor lse, in AttentionOptions options,
        Tensor dY, Tensor dBias, bool accumulate) =>
        Elements.Run(q.DType, new BiasWork(context, new(q, k, v, y, lse, options), dY, dBias, accumulate));

    private readonly record struct Operands(Tensor Q, Tensor K, Tensor V, Tensor Y, Tensor Lse, AttentionOptions Options)
    {
        public AttentionShape Shape => ShapeOf(Q, K, Options);

        public View<int> KeyMask => Optional.Flat<int>(Options.KeyMask);

        public View<int> KeyRanges => Optional.Flat<int>(Options.KeyRanges);

        public View<int> QueryRanges => Optional.Flat<int>(Options.QueryRanges);

        public View<float> Bias => Optional.Flat<float>(Options.Bias);
    }

    private readonly struct ForwardWork(OpContext context, Operands o) : IElementWork
    {
        public void Run<T, E>()
            where T : unmanaged
            where E : unmanaged, IElement<T>
        {
            AttentionShape shape = o.Shape;
            context.Launch(
                new AttentionForward<T, E>(
                    o.Q.Raw<T>(), o.K.Raw<T>(), o.V.Raw<T>(), o.Y.Raw<T>(), Optional.Flat<float>(o.Lse), o.KeyMask, o.Bias, o.KeyRanges,
                    LayoutOf(o.Q), LayoutOf(o.K), LayoutOf(o.V), LayoutOf(o.Y), shape),
                Attention.QueryBlocks(shape));
        }
    }

    private readonly struct BackwardWork(OpContext context, Operands o, Tensor dY, Tensor dQ, Tensor dK, Tensor dV) : IElementWork
    {
        public void Run<T, E>()
            where T : unmanaged
            where E : unmanaged, IElement<T>
        {
            AttentionShape shape = o.Shape;
            context.Launch(
                new AttentionBackward<T, E>(
                    o.Q.Raw<T>(), o.K.Raw<T>(), o.V.Raw<T>(), o.Y.Raw<T>(), o.Lse.Flat<float>(), o.KeyMask, o.Bias, o.KeyRanges, o.QueryRanges,
                    dY.Raw<T>(), Optional.Raw<T>(dQ), Optional.Raw<T>(dK), Optional.Raw<T>(dV),
                    LayoutOf(o.Q), LayoutOf(o.K), LayoutOf(o.V), LayoutOf(o.Y), LayoutOf(dQ), LayoutOf(dK), LayoutOf(dV), shape),
                Attention.BackwardBlocks(shape));
        }
    }

    private readonly struct BiasWork(OpContext context, Operands o, Tensor dY, Tensor dBias, bool accumulate) : IElementWork
    {
        public void Run<T, E>()
            where T : unmanaged
            where E : unmanaged, IElement<T>
        {
            AttentionShape shape = o.Shape;
            context.Launch(
                new AttentionBiasBackward<T, E>(
                    o.Q.Raw<T>(), o.K.Raw<T>(), o.V.Raw<T>(), o.Y.Raw<T>(), o.Lse.Flat<float>(), o.KeyMask, o.Bias, o.KeyRanges,
                    dY.Raw<T>(), dBias.Flat<float>(), LayoutOf(o.Q), LayoutOf(o.K), LayoutOf(o.V), LayoutOf(o.Y), shape, accumulate),
                (long)shape.Hq * shape.Tq);
        }
    }
}
