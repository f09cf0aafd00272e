using Engine.Kernels;

namespace Engine;

/// <summary>
/// Cross-entropy of logits with distributions; formulas at <see cref="SoftCrossEntropyForward"/> and
/// <see cref="SoftCrossEntropyBackward"/>. x, q (…, V) → (), or (…) without reduction. Saved: x, q and log Σ eˣ of each row.
/// dX and dQ overwrite.
/// </summary>
internal readonly struct SoftCrossEntropyOp : IDifferentiable<SoftCrossEntropyOp.Args, SoftCrossEntropyOp.Saved>
{
    public readonly record struct Args(Tensor X, Tensor Q, LossReduction Reduction);

    /// <summary>Lse (…).</summary>
    public readonly record struct Saved(Tensor X, Tensor Q, Tensor Lse, LossReduction Reduction) : ISaved
    {
        public void Visit(in SavedVisitor visitor)
        {
            visitor.Values(X);
            visitor.Values(Q);
            visitor.Values(Lse);
        }
    }

    public static string Name => "SoftCrossEntropy";

    public static Tensor Apply(Tensor x, Tensor q, LossReduction reduction)
    {
        Check.DType(Name, "x", x, DType.Float32);
        Check.DType(Name, "target", q, DType.Float32);
        Check.RankAtLeast(Name, "x", x, 1);
        Check.SameShape(Name, "x", x, "target", q);
        Args a = new(x.Contiguous(), q.Contiguous(), reduction);
        return Recorder.Apply<SoftCrossEntropyOp, Args, Saved>(a, a.X, a.Q);
    }

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        Tensor loss = context.New(a.X.Shape.Without(^1));
        Tensor lse = context.Records ? context.New(loss.Shape) : default;
        long N = loss.Count;
        context.Launch(
            new SoftCrossEntropyForward(
                a.X.Flat<float>(), a.Q.Flat<float>(), Optional.Flat<float>(lse), loss.Flat<float>(), a.X.Shape[^1]),
            N);
        saved = new Saved(a.X, a.Q, lse, a.Reduction);
        return a.Reduction == LossReduction.None ? loss : LossTotal.Of(context, loss, LossTotal.Scale(a.Reduction, N));
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink)
    {
        OpContext context = sink.Context(Name);
        Tensor dX = sink.Wants(s.X) ? context.New(s.X.Shape) : default;
        Tensor dQ = sink.Wants(s.Q) ? context.New(s.Q.Shape) : default;
        long N = s.Lse.Count;
        context.Launch(
            new SoftCrossEntropyBackward(
                s.X.Flat<float>(), s.Q.Flat<float>(), s.Lse.Flat<float>(), dY.Flat<float>(), Optional.Flat<float>(dX),
                Optional.Flat<float>(dQ), s.X.Shape[^1], LossTotal.Scale(s.Reduction, N), s.Reduction == LossReduction.None),
            N);
        Optional.Give(sink, s.X, dX);
        Optional.Give(sink, s.Q, dQ);
    }

    /// <summary>The definition in primitive ops, for each row.</summary>
    internal static Tensor Slow(Tensor x, Tensor q) => -(q * SoftmaxOp.Slow(x, -1, log: true)).Sum(-1);
}

/// <content>Cross-entropy with distributions.</content>
public readonly partial struct Tensor
{
    /// <summary>
    /// Cross-entropy of these logits with distributions q: for each row −Σ q·log softmax x. This (…, V) → a scalar, or (…) without
    /// reduction. q may require a gradient too.
    /// </summary>
    /// <param name="target">q, of this shape; need not sum to 1.</param>
    /// <param name="reduction">What becomes of the rows' losses.</param>
    /// <exception cref="EngineException">Shapes differ, or a dtype is not float32.</exception>
    public Tensor SoftCrossEntropy(Tensor target, LossReduction reduction = LossReduction.Mean) =>
        SoftCrossEntropyOp.Apply(this, target, reduction);
}
