namespace Engine;

/// <summary>A range of one axis, as a view; dX = 0 outside the range and dY inside.</summary>
internal readonly struct SliceOp : IDifferentiable<SliceOp.Args, SliceOp.Saved>
{
    public readonly record struct Args(Tensor X, int Axis, int Start, int End);

    public readonly record struct Saved(Tensor X, int Axis, int Start, int End) : ISaved
    {
        public void Visit(in SavedVisitor visitor)
        {
            // Values are not read; X only says where the gradient goes.
        }
    }

    public static string Name => "Slice";

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        saved = new Saved(a.X, a.Axis, a.Start, a.End);
        return Window(a.X, a.Axis, a.Start, a.End);
    }

    // dX accumulates: several slices of one tensor write into one gradient.
    public static void Backward(in Saved s, Tensor dY, GradSink sink)
    {
        Tensor dX = sink.Accumulator(s.X, out bool accumulate);
        if (!accumulate)
        {
            dX.ZeroInPlace();
        }

        Tensor window = Window(dX, s.Axis, s.Start, s.End);
        InPlace.Add(window, dY);
        window.Dispose();
    }

    private static Tensor Window(Tensor x, int axis, int start, int end) =>
        OpContext.View(x, x.Shape.With(axis, end - start), x.Data.Strides, start * x.Data.Strides[axis], Name);
}

/// <content>Taking a range of an axis.</content>
public readonly partial struct Tensor
{
    /// <summary>Elements <paramref name="start"/> to <paramref name="end"/> (exclusive) of one axis. A view.</summary>
    /// <exception cref="EngineException">The range is not inside the axis.</exception>
    public Tensor Slice(int axis, int start, int end)
    {
        int at = Check.Axis("Slice", this, axis);
        if (start < 0 || end < start || end > Shape[at])
        {
            Check.Fail("Slice", $"range {start}..{end} is not inside axis {at} of x {Shape}.", this);
        }

        return Recorder.Apply<SliceOp, SliceOp.Args, SliceOp.Saved>(new(this, at, start, end), this);
    }
}
