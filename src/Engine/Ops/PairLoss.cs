using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>
/// A row of the table of losses of predictions a against targets b, one shape for both → a scalar, or that shape without
/// reduction. Saved: a, b and the classes' parameters. dA and dB overwrite.
/// </summary>
internal readonly struct PairLossOp<F> : IDifferentiable<PairLossOp<F>.Args, PairLossOp<F>.Saved>
    where F : unmanaged, IPairLoss
{
    public readonly record struct Args(Tensor A, Tensor B, Tensor Classes, float P, LossReduction Reduction);

    public readonly record struct Saved(Tensor A, Tensor B, Tensor Classes, float P, LossReduction Reduction) : ISaved
    {
        public void Visit(in SavedVisitor visitor)
        {
            visitor.Values(A);
            visitor.Values(B);
            visitor.Values(Classes);
        }
    }

    public static string Name => typeof(F).Name;

    public static Tensor Apply(Tensor a, Tensor b, LossReduction reduction, float p = 0f, Tensor classes = default)
    {
        Check.DType(Name, "x", a, DType.Float32);
        Check.DType(Name, "target", b, DType.Float32);
        Check.SameShape(Name, "x", a, "target", b);
        Args args = new(a.Contiguous(), b.Contiguous(), Optional.Contiguous(classes), p, reduction);
        return Recorder.Apply<PairLossOp<F>, Args, Saved>(args, args.A, args.B, args.Classes);
    }

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        bool reduce = a.Reduction != LossReduction.None;
        long n = a.A.Count;
        long blocks = Block.Cover(n);
        Tensor loss = context.New(reduce ? [(int)blocks] : a.A.Shape);
        View<float> values = loss.Flat<float>();
        context.Launch(
            new PairLoss<F>(
                a.A.Flat<float>(), a.B.Flat<float>(), Optional.Flat<float>(a.Classes), reduce ? default : values,
                reduce ? values : default, a.P, LastAxis(a.A), n),
            blocks);
        saved = new Saved(a.A, a.B, a.Classes, a.P, a.Reduction);
        return reduce ? LossTotal.Of(context, loss, LossTotal.Scale(a.Reduction, n)) : loss;
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink)
    {
        OpContext context = sink.Context(Name);
        Tensor dA = sink.Wants(s.A) ? context.New(s.A.Shape) : default;
        Tensor dB = sink.Wants(s.B) ? context.New(s.B.Shape) : default;
        long n = s.A.Count;
        context.Launch(
            new PairLossBackward<F>(
                s.A.Flat<float>(), s.B.Flat<float>(), Optional.Flat<float>(s.Classes), dY.Flat<float>(), Optional.Flat<float>(dA),
                Optional.Flat<float>(dB), s.P, LossTotal.Scale(s.Reduction, n), LastAxis(s.A), n, s.Reduction == LossReduction.None),
            Block.Cover(n));
        Optional.Give(sink, s.A, dA);
        Optional.Give(sink, s.B, dB);
    }

    private static long LastAxis(Tensor x) => x.Rank == 0 ? 1 : x.Shape[^1];
}

/// <content>Losses of predictions against targets of the same shape.</content>
public readonly partial struct Tensor
{
    /// <summary>The squared error (x − target)². The target may require a gradient too.</summary>
    /// <param name="target">Of this shape.</param>
    /// <param name="reduction">What becomes of the elements' losses.</param>
    /// <exception cref="EngineException">Shapes differ, or a dtype is not float32.</exception>
    public Tensor MseLoss(Tensor target, LossReduction reduction = LossReduction.Mean) => PairLossOp<MseLoss>.Apply(this, target, reduction);

    /// <summary>The absolute error |x − target|; its gradient at 0 is 0. The target may require a gradient too.</summary>
    /// <param name="target">Of this shape.</param>
    /// <param name="reduction">What becomes of the elements' losses.</param>
    /// <exception cref="EngineException">Shapes differ, or a dtype is not float32.</exception>
    public Tensor L1Loss(Tensor target, LossReduction reduction = LossReduction.Mean) => PairLossOp<L1Loss>.Apply(this, target, reduction);

    /// <summary>
    /// Smooth L1 (Girshick, "Fast R-CNN", 2015, with β = 1): d²/(2β) where |d| &lt; β, |d| − β/2 elsewhere, d = x − target. The target
    /// may require a gradient too.
    /// </summary>
    /// <param name="target">Of this shape.</param>
    /// <param name="beta">Where the parabola ends; 0 gives the L1 loss.</param>
    /// <param name="reduction">What becomes of the elements' losses.</param>
    /// <exception cref="EngineException">Shapes differ, a dtype is not float32, or <paramref name="beta"/> is negative.</exception>
    public Tensor SmoothL1Loss(Tensor target, float beta = 1f, LossReduction reduction = LossReduction.Mean)
    {
        if (!(beta >= 0f))
        {
            Check.Fail("SmoothL1Loss", $"beta {beta} is not 0 or above, for x {Shape}.", this);
        }

        return PairLossOp<SmoothL1Loss>.Apply(this, target, reduction, beta);
    }

    /// <summary>
    /// Huber's loss (Huber, "Robust estimation of a location parameter", 1964): d²/2 where |d| ≤ δ, δ·(|d| − δ/2) elsewhere,
    /// d = x − target. The target may require a gradient too.
    /// </summary>
    /// <param name="target">Of this shape.</param>
    /// <param name="delta">δ, where the parabola ends.</param>
    /// <param name="reduction">What becomes of the elements' losses.</param>
    /// <exception cref="EngineException">Shapes differ, a dtype is not float32, or <paramref name="delta"/> is not positive.</exception>
    public Tensor HuberLoss(Tensor target, float delta = 1f, LossReduction reduction = LossReduction.Mean)
    {
        if (!(delta > 0f))
        {
            Check.Fail("HuberLoss", $"delta {delta} is not positive, for x {Shape}.", this);
        }

        return PairLossOp<HuberLoss>.Apply(this, target, reduction, delta);
    }

    /// <summary>
    /// Binary cross-entropy of these logits with probabilities: −w·q·log σ(x) − (1 − q)·log(1 − σ(x)), without overflow for any x.
    /// The target q may require a gradient too.
    /// </summary>
    /// <param name="target">Probabilities q of this shape, 0 or 1 for plain labels.</param>
    /// <param name="positiveWeight">A weight w of the positive class for each place of the last axis, (C); without it 1. Takes no
    /// gradient.</param>
    /// <param name="reduction">What becomes of the elements' losses.</param>
    /// <exception cref="EngineException">Shapes do not fit, or a dtype is not float32.</exception>
    public Tensor BceWithLogits(Tensor target, Tensor positiveWeight = default, LossReduction reduction = LossReduction.Mean)
    {
        if (positiveWeight.IsDefined)
        {
            Check.RankAtLeast("BceWithLogits", "x", this, 1);
            Check.LastAxis("BceWithLogits", this, "positiveWeight", positiveWeight);
            Check.NoGradient("BceWithLogits", "positiveWeight", positiveWeight);
        }

        return PairLossOp<BceWithLogits>.Apply(this, target, reduction, 1f, positiveWeight);
    }
}
