namespace Engine;

/// <summary>Axes in another order, as a view; dX = dY with the order undone.</summary>
internal readonly struct PermuteOp : IDifferentiable<PermuteOp.Args, PermuteOp.Saved>
{
    // Axis i of the result is axis (Order >> 4i) & 15 of x: eight axes in one integer, nothing allocated.
    public readonly record struct Args(Tensor X, uint Order);

    public readonly record struct Saved(Tensor X, uint Order) : ISaved
    {
        public void Visit(in SavedVisitor visitor)
        {
            // Values are not read; X only says where the gradient goes.
        }
    }

    public static string Name => "Permute";

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        saved = new Saved(a.X, a.Order);
        return Rearrange(a.X, a.Order);
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink)
    {
        uint inverse = 0;
        for (int i = 0; i < dY.Rank; i++)
        {
            inverse |= (uint)i << (4 * AxisAt(s.Order, i));
        }

        sink.Give(s.X, Rearrange(dY, inverse));
    }

    private static int AxisAt(uint order, int i) => (int)(order >> (4 * i)) & 15;

    private static Tensor Rearrange(Tensor x, uint order)
    {
        Span<int> dims = stackalloc int[Shape.MaxRank];
        Strides strides = default;
        for (int i = 0; i < x.Rank; i++)
        {
            int axis = AxisAt(order, i);
            dims[i] = x.Shape[axis];
            strides[i] = x.Data.Strides[axis];
        }

        return OpContext.View(x, Shape.Create(dims[..x.Rank]), strides, 0, Name);
    }
}

/// <content>Reordering axes.</content>
public readonly partial struct Tensor
{
    /// <summary>Axes in another order: axis i of the result is axis <paramref name="axes"/>[i] of this tensor. A view.</summary>
    /// <exception cref="EngineException">Not a permutation of the axes.</exception>
    public Tensor Permute(params ReadOnlySpan<int> axes)
    {
        uint order = 0;
        int seen = 0;
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = Check.Axis("Permute", this, axes[i]);
            order |= (uint)axis << (4 * i);
            seen |= 1 << axis;
        }

        if (axes.Length != Rank || seen != (1 << Rank) - 1)
        {
            Check.Fail("Permute", $"({string.Join(", ", axes.ToArray())}) does not name each axis of x {Shape} once.", this);
        }

        return Recorder.Apply<PermuteOp, PermuteOp.Args, PermuteOp.Saved>(new(this, order), this);
    }

    /// <summary>Two axes exchanged. A view.</summary>
    /// <exception cref="EngineException">There is no such axis.</exception>
    public Tensor Transpose(int axisA, int axisB)
    {
        int a = Check.Axis("Transpose", this, axisA);
        int b = Check.Axis("Transpose", this, axisB);
        Span<int> axes = stackalloc int[Shape.MaxRank];
        for (int i = 0; i < Rank; i++)
        {
            axes[i] = i == a ? b : i == b ? a : i;
        }

        return Permute(axes[..Rank]);
    }
}
