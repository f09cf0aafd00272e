using Engine.Kernels;

namespace Engine;

/// <summary>
/// Cross-entropy of logits with target classes; formulas at <see cref="CrossEntropyForward{T, E}"/>, <see cref="CrossEntropyTotal"/> and
/// <see cref="CrossEntropyBackward{T, E}"/>. x (…, V), targets (…) int32, weights (V) → (), or (…) without reduction. Saved: x,
/// targets, weights and log Σ eˣ of each row; probabilities are never stored. dX overwrites.
/// </summary>
internal readonly struct CrossEntropyOp : IDifferentiable<CrossEntropyOp.Args, CrossEntropyOp.Saved>
{
    public readonly record struct Args(Tensor X, Tensor Targets, Tensor Weights, LossReduction Reduction, int Ignore, float Smoothing);

    /// <summary>Lse (N); Scale (1) is what the reduction divided by, undefined without one.</summary>
    public readonly record struct Saved(
        Tensor X, Tensor Targets, Tensor Weights, Tensor Lse, Tensor Scale, int Ignore, float Smoothing) : ISaved
    {
        public void Visit(in SavedVisitor visitor)
        {
            visitor.Values(X);
            visitor.Values(Targets);
            visitor.Values(Weights);
            visitor.Values(Lse);
            visitor.Values(Scale);
        }
    }

    public static string Name => "CrossEntropy";

    public static Tensor Apply(Tensor x, Tensor targets, Tensor weights, LossReduction reduction, int ignore, float smoothing)
    {
        Check.Float(Name, "x", x);
        Check.RankAtLeast(Name, "x", x, 1);
        CheckTargets(Name, "x", x, targets);
        Check.LastAxis(Name, x, "classWeights", weights);
        Check.NoGradient(Name, "classWeights", weights);
        if (!(smoothing >= 0f && smoothing <= 1f))
        {
            Check.Fail(Name, $"labelSmoothing {smoothing} is not between 0 and 1 for x {x.Shape}.", x);
        }

        Args a = new(x.Contiguous(), targets.Contiguous(), Optional.Contiguous(weights), reduction, ignore, smoothing);
        return Recorder.Apply<CrossEntropyOp, Args, Saved>(a, a.X, a.Targets, a.Weights);
    }

    /// <summary>Targets are int32, one for each row of logits.</summary>
    public static void CheckTargets(string op, string name, Tensor x, Tensor targets)
    {
        Check.DType(op, "targets", targets, DType.Int32);
        Shape rows = x.Shape.Without(^1);
        if (targets.Shape != rows)
        {
            Check.Fail(op, $"{name} {x.Shape} needs one target a row, but targets has shape {targets.Shape}. Expected targets {rows}.", x);
        }
    }

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        int V = a.X.Shape[^1];
        Indices.Check(context, "the classes of x", a.X, a.Targets, V, a.Ignore, "targets");
        Tensor loss = context.New(a.Targets.Shape);
        Tensor lse = context.Records ? context.New(a.Targets.Shape) : default;
        Elements.Run(a.X.DType, new ForwardWork(context, a, lse, loss));
        Tensor scale = default;
        if (a.Reduction != LossReduction.None)
        {
            loss = Total(context, loss, a.Targets, a.Weights, V, a.Ignore, a.Reduction == LossReduction.Mean, out scale);
        }

        saved = new Saved(a.X, a.Targets, a.Weights, lse, scale, a.Ignore, a.Smoothing);
        return loss;
    }

    /// <summary>The sum or mean of the rows' losses, which are freed, and the factor that backward multiplies by.</summary>
    public static Tensor Total(
        in OpContext context, Tensor loss, Tensor targets, Tensor weights, long V, int ignore, bool mean, out Tensor scale)
    {
        Tensor total = context.New([]);
        scale = context.New([1]);
        context.Launch(
            new CrossEntropyTotal(
                loss.Flat<float>(), targets.Flat<int>(), Optional.Flat<float>(weights), total.Flat<float>(), scale.Flat<float>(),
                loss.Count, V, ignore, mean),
            1);
        loss.Dispose();
        return total;
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink)
    {
        OpContext context = sink.Context(Name);
        Tensor dX = context.New(s.X.Shape, s.X.DType);
        Elements.Run(dX.DType, new BackwardWork(context, s, dY, dX));
        sink.Give(s.X, dX);
    }

    private readonly struct ForwardWork(OpContext context, Args a, Tensor lse, Tensor loss) : IElementWork
    {
        public void Run<T, E>()
            where T : unmanaged
            where E : unmanaged, IElement<T> =>
            context.Launch(
                new CrossEntropyForward<T, E>(
                    a.X.Flat<T>(), a.Targets.Flat<int>(), Optional.Flat<float>(a.Weights), Optional.Flat<float>(lse),
                    loss.Flat<float>(), a.X.Shape[^1], a.Smoothing, a.Ignore),
                loss.Count);
    }

    private readonly struct BackwardWork(OpContext context, Saved s, Tensor dY, Tensor dX) : IElementWork
    {
        public void Run<T, E>()
            where T : unmanaged
            where E : unmanaged, IElement<T> =>
            context.Launch(
                new CrossEntropyBackward<T, E>(
                    s.X.Flat<T>(), s.Targets.Flat<int>(), Optional.Flat<float>(s.Weights), s.Lse.Flat<float>(), dY.Flat<float>(),
                    Optional.Flat<float>(s.Scale), dX.Flat<T>(), s.X.Shape[^1], s.Smoothing, s.Ignore, !s.Scale.IsDefined),
                s.Targets.Count);
    }
}

/// <content>Cross-entropy.</content>
public readonly partial struct Tensor
{
    /// <summary>
    /// Cross-entropy of these logits (…, V) with <paramref name="targets"/> (…), as PyTorch's <c>F.cross_entropy</c>: a scalar, or (…)
    /// without reduction. For one row −log p of its target's class, times the class's weight. The mean divides by the number of
    /// rows that count, with class weights by the sum of their targets' weights; if no row counts it is NaN, as in PyTorch, and
    /// the gradient is 0.
    /// </summary>
    /// <param name="targets">int32 classes from 0 to V − 1, or <paramref name="ignoreIndex"/>. Checked on devices where
    /// <see cref="Device.ChecksIndices"/>; elsewhere a target outside gives NaN.</param>
    /// <param name="reduction">What becomes of the rows' losses.</param>
    /// <param name="ignoreIndex">Rows with this target have loss and gradient 0 and do not count; −100 as in PyTorch.</param>
    /// <param name="classWeights">A factor for each class, (V); without it 1. Takes no gradient.</param>
    /// <param name="labelSmoothing">ε in [0, 1]: the target is (1 − ε)·onehot + ε/V.</param>
    /// <exception cref="EngineException">Shapes or dtypes do not fit, or a target is no class.</exception>
    public Tensor CrossEntropy(
        Tensor targets, LossReduction reduction = LossReduction.Mean, int ignoreIndex = -100, Tensor classWeights = default, float labelSmoothing = 0f) =>
        CrossEntropyOp.Apply(this, targets, classWeights, reduction, ignoreIndex, labelSmoothing);
}
