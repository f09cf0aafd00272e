using Engine.Kernels;

namespace Engine;

/// <summary>
/// Connectionist temporal classification; formulas at <see cref="CtcForward"/> and <see cref="CtcBackward"/>. logProbs (T, B, C),
/// targets (B, S) int32, lengths (B) int32 → (), or (B) without reduction. Saved: the operands and the forward variables
/// α (B, T, 2S + 1). dLogProbs overwrites.
/// </summary>
internal readonly struct CtcLossOp : IDifferentiable<CtcLossOp.Args, CtcLossOp.Saved>
{
    public readonly record struct Args(
        Tensor LogProbs, Tensor Targets, Tensor InputLengths, Tensor TargetLengths, int Blank, LossReduction Reduction, bool ZeroInfinity)
    {
        public CtcShape Shape => new(LogProbs.Shape[0], LogProbs.Shape[1], LogProbs.Shape[2], Targets.Shape[1], Blank);
    }

    public readonly record struct Saved(Args Args, Tensor Alpha) : ISaved
    {
        public void Visit(in SavedVisitor visitor)
        {
            visitor.Values(Args.LogProbs);
            visitor.Values(Args.Targets);
            visitor.Values(Args.InputLengths);
            visitor.Values(Args.TargetLengths);
            visitor.Values(Alpha);
        }
    }

    public static string Name => "CtcLoss";

    public static Tensor Apply(in Args a)
    {
        Check.DType(Name, "logProbs", a.LogProbs, DType.Float32);
        Check.Rank(Name, "logProbs", a.LogProbs, 3);
        int B = a.LogProbs.Shape[1];
        Check.DType(Name, "targets", a.Targets, DType.Int32);
        Check.Rank(Name, "targets", a.Targets, 2);
        Check.Shape(Name, "targets", a.Targets, [B, a.Targets.Shape[1]]);
        Check.DType(Name, "inputLengths", a.InputLengths, DType.Int32);
        Check.Shape(Name, "inputLengths", a.InputLengths, [B]);
        Check.DType(Name, "targetLengths", a.TargetLengths, DType.Int32);
        Check.Shape(Name, "targetLengths", a.TargetLengths, [B]);
        if (a.Blank < 0 || a.Blank >= a.LogProbs.Shape[2])
        {
            Check.Fail(Name, $"the blank {a.Blank} is no class of logProbs {a.LogProbs.Shape}; expected 0 to {a.LogProbs.Shape[2] - 1}.", a.LogProbs);
        }

        Args c = a with
        {
            LogProbs = a.LogProbs.Contiguous(),
            Targets = a.Targets.Contiguous(),
            InputLengths = a.InputLengths.Contiguous(),
            TargetLengths = a.TargetLengths.Contiguous(),
        };
        return Recorder.Apply<CtcLossOp, Args, Saved>(c, c.LogProbs, c.Targets, c.InputLengths, c.TargetLengths);
    }

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        CtcShape shape = a.Shape;
        CheckValues(context, a, shape);
        Tensor alpha = context.New([(int)shape.B, (int)shape.T, (int)shape.L]);
        Tensor loss = context.New([(int)shape.B]);
        context.Launch(
            new CtcForward(
                a.LogProbs.Flat<float>(), a.Targets.Flat<int>(), a.InputLengths.Flat<int>(), a.TargetLengths.Flat<int>(),
                alpha.Flat<float>(), loss.Flat<float>(), shape, a.Reduction == LossReduction.Mean, a.ZeroInfinity),
            shape.B);
        saved = new Saved(a, alpha);
        return a.Reduction == LossReduction.None ? loss : LossTotal.Of(context, loss, 1f);
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink)
    {
        CtcShape shape = s.Args.Shape;
        OpContext context = sink.Context(Name);
        Tensor dX = context.New(s.Args.LogProbs.Shape);
        Tensor beta = context.New([(int)shape.B, 2, (int)shape.L]);
        context.Launch(
            new CtcBackward(
                s.Args.LogProbs.Flat<float>(), s.Args.Targets.Flat<int>(), s.Args.InputLengths.Flat<int>(),
                s.Args.TargetLengths.Flat<int>(), s.Alpha.Flat<float>(), beta.Flat<float>(), dY.Flat<float>(), dX.Flat<float>(),
                shape, s.Args.Reduction == LossReduction.Mean, s.Args.ZeroInfinity, s.Args.Reduction == LossReduction.None),
            shape.B);
        beta.Dispose();
        sink.Give(s.Args.LogProbs, dX);
    }

    // As with other indices, only where waiting for the answer costs nothing.
    private static void CheckValues(in OpContext context, in Args a, CtcShape shape)
    {
        Indices.Check(context, "the frames of logProbs", a.LogProbs, a.InputLengths, (int)shape.T + 1, name: "inputLengths");
        Indices.Check(context, "the labels of targets", a.Targets, a.TargetLengths, (int)shape.S + 1, name: "targetLengths");
        if (!context.Device.ChecksIndices || a.Targets.Count == 0)
        {
            return;
        }

        int at = -1;
        Tensor position = context.New([1], DType.Int32);
        context.Launch(new CtcCheck(a.Targets.Flat<int>(), a.TargetLengths.Flat<int>(), position.Flat<int>(), shape), 1);
        position.CopyTo(new Span<int>(ref at));
        position.Dispose();
        if (at >= 0)
        {
            int[] labels = new int[a.Targets.Count];
            a.Targets.CopyTo<int>(labels);
            Check.Fail(Name, $"label {labels[at]} at position {at} of targets {a.Targets.Shape} is no class of logProbs {a.LogProbs.Shape}; expected 0 to {shape.C - 1} without the blank, {shape.Blank}.", a.Targets);
        }
    }
}

/// <content>Connectionist temporal classification.</content>
public readonly partial struct Tensor
{
    /// <summary>
    /// CTC loss (Graves et al., "Connectionist temporal classification", 2006) of these log-probabilities (T, B, C), which
    /// <see cref="LogSoftmax"/> makes: −log of the probability of all alignments of the targets. The mean is PyTorch's: over the
    /// items, of loss/number of labels.
    /// </summary>
    /// <param name="targets">Labels (B, S) int32, without the blank; behind an item's length anything. Checked, like the lengths, on
    /// devices where <see cref="Device.ChecksIndices"/>; elsewhere a label that is no class gives NaN.</param>
    /// <param name="inputLengths">Frames of each item, (B) int32; the gradient behind them is 0.</param>
    /// <param name="targetLengths">Labels of each item, (B) int32.</param>
    /// <param name="blank">The class that stands for no label.</param>
    /// <param name="reduction">What becomes of the items' losses.</param>
    /// <param name="zeroInfinity">Whether items that no path fits, because they have too few frames, count 0 with gradient 0; otherwise
    /// their loss is +∞ and their gradient NaN, as in PyTorch.</param>
    /// <exception cref="EngineException">Shapes or dtypes do not fit, or a length or label is out of range.</exception>
    public Tensor CtcLoss(
        Tensor targets, Tensor inputLengths, Tensor targetLengths, int blank = 0, LossReduction reduction = LossReduction.Mean, bool zeroInfinity = false) =>
        CtcLossOp.Apply(new(this, targets, inputLengths, targetLengths, blank, reduction, zeroInfinity));
}
