namespace Engine;

/// <summary>A persistent tensor as a member of a step, sharing its memory; dX = dY.</summary>
internal readonly struct UseOp : IDifferentiable<UseOp.Args, UseOp.Saved>
{
    public readonly record struct Args(Tensor X);

    public readonly record struct Saved(Tensor X) : ISaved
    {
        public void Visit(in SavedVisitor visitor)
        {
            // Values are not read; X only says where the gradient goes.
        }
    }

    public static string Name => "Use";

    public static Tensor Apply(StepScope scope, Tensor x)
    {
        if (x.Device != scope.Device)
        {
            throw new EngineException($"Use: the tensor {x.Shape} is on {x.Device.Name}, the step on {scope.Device.Name}.");
        }

        // The anchor makes the op a member of the step although its only real operand is persistent.
        Tensor anchor = scope.Empty([]);
        Tensor y = Recorder.Apply<UseOp, Args, Saved>(new(x), x, anchor);
        anchor.Dispose();
        return y;
    }

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        saved = new Saved(a.X);
        Tensor y = OpContext.View(a.X, a.X.Shape, a.X.Data.Strides, 0, Name, context.Scope);

        // Uses of a parameter add up in float32, as they do where it is used without this op.
        y.Data.GradType = DType.Float32;
        return y;
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink) => sink.Add(s.X, dY);
}
