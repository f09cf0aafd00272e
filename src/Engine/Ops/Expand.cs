namespace Engine;

/// <summary>Broadcasting as a view; dX = dY summed over the axes that were stretched.</summary>
internal readonly struct ExpandOp : IDifferentiable<ExpandOp.Args, ExpandOp.Saved>
{
    public readonly record struct Args(Tensor X, Shape Target);

    public readonly record struct Saved(Tensor X) : ISaved
    {
        public void Visit(in SavedVisitor visitor)
        {
            // Values are not read; X only says where the gradient goes.
        }
    }

    public static string Name => "Expand";

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        saved = new Saved(a.X);
        return OpContext.View(a.X, a.Target, Broadcast.StridesFor(Name, a.X, a.Target), 0, Name);
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink) =>
        Reduction.AddReduced(sink, s.X, dY);
}

/// <content>Broadcasting.</content>
public readonly partial struct Tensor
{
    /// <summary>This tensor repeated along axes of size 1 and new leading axes, without copying (NumPy's rule). A view.</summary>
    /// <exception cref="EngineException">An axis is neither 1 nor equal to the target's.</exception>
    public Tensor Expand(Shape target) => target == Shape
        ? this
        : Recorder.Apply<ExpandOp, ExpandOp.Args, ExpandOp.Saved>(new(this, target), this);
}
