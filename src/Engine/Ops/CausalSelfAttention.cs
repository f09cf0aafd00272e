using Engine.Nn;

namespace Engine;

/// <summary>
/// Causal attention of a sequence on itself, on the packed output of one projection: qkv (B, T, 3C) holds q, k and v side by
/// side, each head's D = C/H columns side by side → y (B, T, C). Forward and backward work on the packed memory through strides,
/// without copies. Saved: qkv, y and the log-sum-exp of the scores (B, H, T). dQKV overwrites.
/// </summary>
internal readonly struct CausalSelfAttentionOp : IDifferentiable<CausalSelfAttentionOp.Args, CausalSelfAttentionOp.Saved>
{
    public readonly record struct Args(Tensor Qkv, int Heads);

    public readonly record struct Saved(Tensor Qkv, Tensor Y, Tensor Lse, int Heads) : ISaved
    {
        public void Visit(in SavedVisitor visitor)
        {
            visitor.Values(Qkv);
            visitor.Values(Y);
            visitor.Values(Lse);
        }
    }

    public static string Name => "CausalSelfAttention";

    private static AttentionOptions Options => new(Causal: true);

    public static Tensor Apply(Tensor qkv, int heads)
    {
        Tensor x = CheckPacked(qkv, heads);
        return Recorder.Apply<CausalSelfAttentionOp, Args, Saved>(new(x, heads), x);
    }

    private static Tensor CheckPacked(Tensor qkv, int heads)
    {
        Check.Float(Name, "qkv", qkv);
        Check.Rank(Name, "qkv", qkv, 3);
        if (heads < 1 || qkv.Shape[2] % (3 * heads) != 0)
        {
            Check.Fail(Name, $"the last axis of qkv {qkv.Shape} is {qkv.Shape[2]}, which is not q, k and v of {heads} heads; expected a multiple of 3·{heads}.", qkv);
        }

        return AttentionKernels.HasAdjacentColumns(qkv) ? qkv : qkv.Contiguous();
    }

    /// <summary>The same for tokens that follow those of a cache, which gets their keys and values; not recorded.</summary>
    public static Tensor Continue(Tensor qkv, int heads, KeyValueStore cache, int layer)
    {
        Tensor x = CheckPacked(qkv, heads);
        OpContext context = Recorder.NotDifferentiable(Name, x);
        Tensor y = context.New([x.Shape[0], x.Shape[1], x.Shape[2] / 3], x.DType);
        using Tensor q = Part(x, heads, 0, 3);
        using Tensor k = Part(x, heads, 1, 3);
        using Tensor v = Part(x, heads, 2, 3);
        using Tensor yHeads = Part(y, heads, 0, 1);
        cache.Append(layer, k, v, out Tensor keys, out Tensor values);
        AttentionKernels.Forward(context, q, keys, values, yHeads, default, cache.Visible(Options));
        return y;
    }

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        int B = a.Qkv.Shape[0];
        int T = a.Qkv.Shape[1];
        Tensor y = context.New([B, T, a.Qkv.Shape[2] / 3], a.Qkv.DType);
        Tensor lse = context.Records ? context.New([B, a.Heads, T]) : default;
        using Tensor q = Part(a.Qkv, a.Heads, 0, 3);
        using Tensor k = Part(a.Qkv, a.Heads, 1, 3);
        using Tensor v = Part(a.Qkv, a.Heads, 2, 3);
        using Tensor yHeads = Part(y, a.Heads, 0, 1);
        AttentionKernels.Forward(context, q, k, v, yHeads, lse, Options);
        saved = new Saved(a.Qkv, y, lse, a.Heads);
        return y;
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink)
    {
        OpContext context = sink.Context(Name);
        Tensor dQkv = context.New(s.Qkv.Shape, s.Qkv.DType);
        Launch(context, s, dY, dQkv);
        sink.Give(s.Qkv, dQkv);
    }

    /// <summary>The definition: split, attend, join.</summary>
    internal static Tensor Slow(Tensor qkv, int heads)
    {
        int B = qkv.Shape[0];
        int T = qkv.Shape[1];
        int C = qkv.Shape[2] / 3;
        Tensor Split(int part) => qkv.Slice(2, part * C, (part + 1) * C).Reshape(B, T, heads, C / heads).Transpose(1, 2);
        return AttentionOp.Slow(Split(0), Split(1), Split(2), Options).Transpose(1, 2).Reshape(B, T, C);
    }

    private static void Launch(in OpContext context, in Saved s, Tensor dY, Tensor dQkv)
    {
        using Tensor q = Part(s.Qkv, s.Heads, 0, 3);
        using Tensor k = Part(s.Qkv, s.Heads, 1, 3);
        using Tensor v = Part(s.Qkv, s.Heads, 2, 3);
        using Tensor y = Part(s.Y, s.Heads, 0, 1);
        using Tensor dYHeads = Part(dY, s.Heads, 0, 1);
        using Tensor dQ = Part(dQkv, s.Heads, 0, 3);
        using Tensor dK = Part(dQkv, s.Heads, 1, 3);
        using Tensor dV = Part(dQkv, s.Heads, 2, 3);
        AttentionKernels.Backward(context, q, k, v, y, s.Lse, Options, dYHeads, dQ, dK, dV);
    }

    // Part number `part` of x (B, T, parts·C) as a (B, H, T, D) window.
    private static Tensor Part(Tensor x, int heads, int part, int parts)
    {
        int C = x.Shape[2] / parts;
        Strides strides = default;
        strides[0] = x.Data.Strides[0];
        strides[1] = C / heads;
        strides[2] = x.Data.Strides[1];
        strides[3] = 1;
        return OpContext.View(x, [x.Shape[0], heads, x.Shape[1], C / heads], strides, (long)part * C, Name);
    }
}

/// <content>Attention on a packed projection.</content>
public readonly partial struct Tensor
{
    /// <summary>
    /// Causal self-attention on packed queries, keys and values, as GPT-2's <c>c_attn</c> gives them: this (B, T, 3C), where the
    /// last axis is q, k, v, each of H heads of size C/H → (B, T, C), the heads side by side.
    /// </summary>
    /// <param name="heads">H.</param>
    /// <exception cref="EngineException">The last axis is not divisible by 3·<paramref name="heads"/>.</exception>
    public Tensor CausalSelfAttention(int heads) => CausalSelfAttentionOp.Apply(this, heads);

    /// <summary>
    /// The same for T tokens that follow those whose keys and values <paramref name="cache"/> holds: this (B, T, 3C) → (B, T, C).
    /// The tokens' own are appended to it; advance it after the last layer. Not recorded.
    /// </summary>
    /// <param name="heads">H.</param>
    /// <param name="cache">What earlier calls have left.</param>
    /// <param name="layer">Whose keys and values these are.</param>
    /// <exception cref="EngineException">Shapes do not fit the cache, the tokens do not, or the step records.</exception>
    public Tensor CausalSelfAttention(int heads, KeyValueStore cache, int layer)
    {
        ArgumentNullException.ThrowIfNull(cache);
        return CausalSelfAttentionOp.Continue(this, heads, cache, layer);
    }
}
