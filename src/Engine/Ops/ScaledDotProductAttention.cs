using Engine.Kernels;

namespace Engine;

/// <summary>
/// y = softmax(scale·q·kᵀ + bias + mask)·v for each batch and head, without storing the matrix of scores. Shapes: q, y
/// (B, Hq, Tq, D); k, v (B, Hk, Tk, D), Hk dividing Hq. Saved: the operands, y and the log-sum-exp of the scores (B, Hq, Tq).
/// dQ, dK and dV overwrite; dBias accumulates. Formulas: <see cref="AttentionForward{T, E}"/>, <see cref="AttentionBackward{T, E}"/>.
/// </summary>
internal readonly struct AttentionOp : IDifferentiable<AttentionOp.Args, AttentionOp.Saved>
{
    public readonly record struct Args(Tensor Q, Tensor K, Tensor V, AttentionOptions Options);

    public readonly record struct Saved(Tensor Q, Tensor K, Tensor V, Tensor Y, Tensor Lse, AttentionOptions Options) : ISaved
    {
        public void Visit(in SavedVisitor visitor)
        {
            visitor.Values(Q);
            visitor.Values(K);
            visitor.Values(V);
            visitor.Values(Y);
            visitor.Values(Lse);
            visitor.Values(Options.KeyMask);
            visitor.Values(Options.Bias);
            visitor.Values(Options.KeyRanges);
            visitor.Values(Options.QueryRanges);
        }
    }

    public static string Name => "ScaledDotProductAttention";

    public static Tensor Apply(Tensor q, Tensor k, Tensor v, in AttentionOptions options)
    {
        CheckOperands(q, k, v, options);
        AttentionOptions o = options with
        {
            KeyMask = Optional.Contiguous(options.KeyMask),
            Bias = Optional.Contiguous(options.Bias),
            KeyRanges = Optional.Contiguous(options.KeyRanges),
            QueryRanges = Optional.Contiguous(options.QueryRanges),
        };
        Args a = new(Rows(q), Rows(k), Rows(v), o);
        return Recorder.Apply<AttentionOp, Args, Saved>(a, a.Q, a.K, a.V, o.KeyMask, o.Bias, o.KeyRanges, o.QueryRanges);
    }

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        Tensor y = context.New(a.Q.Shape, a.Q.DType);
        Tensor lse = context.Records ? context.New(a.Q.Shape.Without(3)) : default;
        AttentionKernels.Forward(context, a.Q, a.K, a.V, y, lse, a.Options);
        saved = new Saved(a.Q, a.K, a.V, y, lse, a.Options);
        return y;
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink)
    {
        OpContext context = sink.Context(Name);
        bool keys = sink.Wants(s.K) || sink.Wants(s.V);
        Tensor dQ = sink.Wants(s.Q) ? context.New(s.Q.Shape, s.Q.DType) : default;
        Tensor dK = keys ? context.New(s.K.Shape, s.K.DType) : default;
        Tensor dV = keys ? context.New(s.V.Shape, s.V.DType) : default;
        if (keys || dQ.IsDefined)
        {
            AttentionKernels.Backward(context, s.Q, s.K, s.V, s.Y, s.Lse, s.Options, dY, dQ, dK, dV);
        }

        if (dQ.IsDefined)
        {
            sink.Give(s.Q, dQ);
        }

        if (keys)
        {
            sink.Give(s.K, dK);
            sink.Give(s.V, dV);
        }

        BiasBackward(s, dY, sink, context);
    }

    /// <summary>The definition in primitive ops, scores and all. The caller leaves no query without a visible key.</summary>
    internal static Tensor Slow(Tensor q, Tensor k, Tensor v, AttentionOptions options)
    {
        AttentionShape shape = AttentionKernels.ShapeOf(q, k, options);
        Tensor scores = q.MatMul(Repeated(k, shape).Transpose(2, 3)) * shape.Scale;
        if (options.Bias.IsDefined)
        {
            scores += options.Bias;
        }

        OpContext context = Recorder.Constant("AttentionMask", q);
        Tensor mask = context.New([shape.B, 1, shape.Tq, shape.Tk]);
        context.Launch(
            new AttentionMask(Optional.Flat<int>(options.KeyMask), Optional.Flat<int>(options.KeyRanges), mask.Flat<float>(), shape, float.NegativeInfinity),
            (long)shape.B * shape.Tq);
        Tensor e = (scores + mask).Exp();
        Tensor p = e / e.Sum(-1, keepDim: true);
        return p.MatMul(Repeated(v, shape));
    }

    // (B, Hk, T, D) → (B, Hq, T, D): each head once for every query head of its group.
    private static Tensor Repeated(Tensor x, in AttentionShape shape) => x
        .Unsqueeze(2)
        .Expand([shape.B, shape.Hk, shape.Group, x.Shape[2], shape.D])
        .Reshape(shape.B, shape.Hq, x.Shape[2], shape.D);

    private static void BiasBackward(in Saved s, Tensor dY, GradSink sink, in OpContext context)
    {
        Tensor bias = s.Options.Bias;
        if (!sink.Wants(bias))
        {
            return;
        }

        Tensor dBias = sink.Accumulator(bias, out bool accumulate);
        AttentionKernels.BiasBackward(context, s.Q, s.K, s.V, s.Y, s.Lse, s.Options, dY, dBias, accumulate);
    }

    private static Tensor Rows(Tensor x) => AttentionKernels.HasAdjacentColumns(x) ? x : x.Contiguous();

    private static void CheckOperands(Tensor q, Tensor k, Tensor v, in AttentionOptions options)
    {
        Check.Float(Name, "q", q);
        Check.SameDType(Name, "q", q, "k", k);
        Check.SameDType(Name, "q", q, "v", v);
        Check.Rank(Name, "q", q, 4);
        Check.Rank(Name, "k", k, 4);
        if (k.Shape[0] != q.Shape[0] || k.Shape[3] != q.Shape[3])
        {
            Check.Fail(Name, $"q is {q.Shape} and k is {k.Shape}; expected the same batch and head size, k ({q.Shape[0]}, Hk, Tk, {q.Shape[3]}).", k);
        }

        if (k.Shape[1] == 0 || q.Shape[1] % k.Shape[1] != 0)
        {
            Check.Fail(Name, $"q {q.Shape} has {q.Shape[1]} heads and k {k.Shape} has {k.Shape[1]}; expected a number of key heads that divides the query heads.", k);
        }

        Check.Shape(Name, "v", v, k.Shape);
        if (options.Window < 0)
        {
            Check.Fail(Name, $"the window is {options.Window}; expected 1 or more, or 0 for none.", q);
        }

        if (options.KeyMask.IsDefined)
        {
            Check.DType(Name, "the key mask", options.KeyMask, DType.Int32);
            Check.Shape(Name, "the key mask", options.KeyMask, [k.Shape[0], k.Shape[2]]);
        }

        CheckRanges("the key ranges", options.KeyRanges, q);
        CheckRanges("the query ranges", options.QueryRanges, k);
        if (options.QueryRanges.IsDefined ? !options.KeyRanges.IsDefined : options.KeyRanges.IsDefined && q.Scope is { Recording: true })
        {
            Check.Fail(Name, "key ranges and query ranges say the same of queries and of keys, for forward and for backward; expected both or neither.", q);
        }

        if (options.Bias.IsDefined)
        {
            Check.DType(Name, "the bias", options.Bias, DType.Float32);
            Check.Shape(Name, "the bias", options.Bias, [q.Shape[1], q.Shape[2], k.Shape[2]]);
        }
    }

    private static void CheckRanges(string what, Tensor ranges, Tensor rows)
    {
        if (ranges.IsDefined)
        {
            Check.DType(Name, what, ranges, DType.Int32);
            Check.Shape(Name, what, ranges, [rows.Shape[0], rows.Shape[2], 2]);
        }
    }
}

/// <content>Attention.</content>
public readonly partial struct Tensor
{
    /// <summary>
    /// Scaled dot-product attention with this tensor as queries (Vaswani et al., "Attention is all you need", 2017), computed in
    /// blocks of keys so that memory grows with T and not T² (Dao et al., "FlashAttention", 2022). This (B, Hq, Tq, D) →
    /// (B, Hq, Tq, D). Operands may be strided views.
    /// </summary>
    /// <param name="k">Keys, (B, Hk, Tk, D); Hk divides Hq, and query head h reads key head h / (Hq/Hk).</param>
    /// <param name="v">Values, (B, Hk, Tk, D).</param>
    /// <param name="options">Masks, bias and scale.</param>
    /// <exception cref="EngineException">Shapes or dtypes do not fit together.</exception>
    public Tensor ScaledDotProductAttention(Tensor k, Tensor v, AttentionOptions options = default) =>
        AttentionOp.Apply(this, k, v, options);
}
