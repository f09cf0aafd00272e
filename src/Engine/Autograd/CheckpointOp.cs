namespace Engine;

/// <summary>
/// Activation checkpointing (Chen et al., "Training deep nets with sublinear memory cost", 2016): forward keeps only a
/// segment's input; backward runs the segment again, recorded this time, and goes back through it. The same random
/// numbers are drawn both times, so the gradients are the same bits as without it.
/// </summary>
internal readonly struct CheckpointOp : IDifferentiable<CheckpointOp.Args, CheckpointOp.Saved>
{
    public readonly record struct Args(Tensor X, IForward Segment);

    public readonly record struct Saved(Tensor X, IForward Segment, ulong RandomPosition) : ISaved
    {
        public void Visit(in SavedVisitor visitor) => visitor.Values(X);
    }

    public static string Name => "Checkpoint";

    public static Tensor Apply(StepScope scope, Tensor x, IForward segment)
    {
        if (!scope.Recording)
        {
            return segment.Forward(x);
        }

        // Parameters inside the segment want gradients even where the input does not, so x stands for them all.
        Tensor input = x.RequiresGrad ? x : Alias(x);
        return Recorder.Apply<CheckpointOp, Args, Saved>(new(input, segment), input);
    }

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        StepScope scope = context.Scope!;
        saved = new Saved(a.X, a.Segment, scope.Random.Position);
        int mark = scope.TensorCount;
        bool rehearsing = scope.Rehearsing;
        scope.Recording = false;
        scope.Rehearsing = true;
        try
        {
            Tensor y = a.Segment.Forward(a.X);
            scope.ReleaseSince(mark, y);
            return y;
        }
        finally
        {
            scope.Recording = true;
            scope.Rehearsing = rehearsing;
        }
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink)
    {
        StepScope scope = s.X.Scope!;
        Tape tape = scope.Tape;
        int from = tape.Count;
        ulong position = scope.Random.Position;
        scope.Random.Position = s.RandomPosition;
        scope.Recording = true;
        Tensor x = Alias(s.X);
        bool replaying = scope.Replaying;
        scope.Replaying = true;
        Tensor y;
        try
        {
            y = s.Segment.Forward(x);
        }
        finally
        {
            scope.Replaying = replaying;
            scope.Recording = false;
            scope.Random.Position = position;
        }

        sink.Add(y, dY);
        tape.Run(from);
        if (x.Data.HasGrad)
        {
            sink.Add(s.X, x.Data.Grad);
        }
    }

    private static Tensor Alias(Tensor x)
    {
        Tensor alias = OpContext.View(x, x.Shape, x.Data.Strides, 0, "Checkpoint", x.Scope);
        alias.Data.RequiresGrad = true;
        alias.Data.IsLeaf = true;
        return alias;
    }
}
