namespace Engine;

/// <summary>scale·Σ x over one axis; dX = scale·dY spread over the axis. x (…, n, …) → y without the axis.</summary>
internal readonly struct SumOp : IDifferentiable<SumOp.Args, SumOp.Saved>
{
    public readonly record struct Args(Tensor X, int Axis, float Scale);

    public readonly record struct Saved(Tensor X, int Axis, float Scale) : ISaved
    {
        public void Visit(in SavedVisitor visitor)
        {
            // Values are not read; X only says where the gradient goes.
        }
    }

    public static string Name => "Sum";

    public static Tensor Apply(Tensor x, int axis, float scale)
    {
        Check.DType(Name, "x", x, DType.Float32);
        Tensor c = x.Contiguous();
        return Recorder.Apply<SumOp, Args, Saved>(new(c, Check.Axis(Name, x, axis), scale), c);
    }

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        saved = new Saved(a.X, a.Axis, a.Scale);
        return Reduction.SumAxis(context, a.X, a.Axis, a.Scale);
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink)
    {
        // A stretched view costs nothing; the scale is applied to the small side.
        Tensor scaled = s.Scale == 1f ? dY : dY * s.Scale;
        sink.Add(s.X, scaled.Unsqueeze(s.Axis).Expand(s.X.Shape));
    }
}

/// <content>Sums and means.</content>
public readonly partial struct Tensor
{
    /// <summary>The sum of all elements, a scalar.</summary>
    public Tensor Sum() => SumOp.Apply(Reshape(-1), 0, 1f);

    /// <summary>The sum over one axis, which is removed unless <paramref name="keepDim"/>.</summary>
    /// <exception cref="EngineException">There is no such axis.</exception>
    public Tensor Sum(int axis, bool keepDim = false) => Kept(SumOp.Apply(this, axis, 1f), axis, keepDim);

    /// <summary>The mean of all elements, a scalar.</summary>
    public Tensor Mean() => SumOp.Apply(Reshape(-1), 0, 1f / Count);

    /// <summary>The mean over one axis, which is removed unless <paramref name="keepDim"/>.</summary>
    /// <exception cref="EngineException">There is no such axis.</exception>
    public Tensor Mean(int axis, bool keepDim = false) =>
        Kept(SumOp.Apply(this, axis, 1f / Shape[Check.Axis("Mean", this, axis)]), axis, keepDim);

    private Tensor Kept(Tensor y, int axis, bool keepDim) => keepDim ? y.Unsqueeze(Check.Axis("Sum", this, axis)) : y;
}
