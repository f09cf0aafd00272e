namespace Engine;

/// <summary>A row-major copy of a strided tensor; dX = dY.</summary>
internal readonly struct ContiguousOp : IDifferentiable<ContiguousOp.Args, ContiguousOp.Saved>
{
    public readonly record struct Args(Tensor X);

    public readonly record struct Saved(Tensor X) : ISaved
    {
        public void Visit(in SavedVisitor visitor)
        {
            // Values are not read; X only says where the gradient goes.
        }
    }

    public static string Name => "Contiguous";

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        saved = new Saved(a.X);
        Tensor y = context.New(a.X.Shape, a.X.DType);
        StridedCopy.Launch(context.Device, a.X, y);
        return y;
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink) => sink.Add(s.X, dY);
}

/// <content>Making a tensor contiguous.</content>
public readonly partial struct Tensor
{
    /// <summary>This tensor if it is contiguous, otherwise a row-major copy.</summary>
    public Tensor Contiguous() => IsContiguous
        ? this
        : Recorder.Apply<ContiguousOp, ContiguousOp.Args, ContiguousOp.Saved>(new(this), this);

    /// <summary>The same values without history: no gradient flows through the result. A view.</summary>
    public Tensor Detach() => OpContext.View(this, Shape, Data.Strides, 0, "Detach");
}
