namespace Engine;

/// <summary>Another shape on the same contiguous memory; dX = dY in x's shape. Also Squeeze and Unsqueeze.</summary>
internal readonly struct ReshapeOp : IDifferentiable<ReshapeOp.Args, ReshapeOp.Saved>
{
    public readonly record struct Args(Tensor X, Shape Shape);

    public readonly record struct Saved(Tensor X) : ISaved
    {
        public void Visit(in SavedVisitor visitor)
        {
            // Values are not read; X only says where the gradient goes.
        }
    }

    public static string Name => "Reshape";

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        saved = new Saved(a.X);
        return OpContext.View(a.X, a.Shape, Strides.Contiguous(a.Shape), 0, Name);
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink)
    {
        Shape shape = s.X.Shape;
        sink.Give(s.X, OpContext.View(dY, shape, Strides.Contiguous(shape), 0, Name));
    }
}

/// <content>Reshaping.</content>
public readonly partial struct Tensor
{
    /// <summary>The same elements in another shape; one size may be −1 and is worked out. Copies if strided.</summary>
    /// <exception cref="EngineException">The numbers of elements differ.</exception>
    public Tensor Reshape(params ReadOnlySpan<int> dims) => ReshapeTo(ResolveReshape(dims));

    /// <summary>A new axis of size 1 before axis <paramref name="axis"/> (at the end for axis = rank or −1).</summary>
    /// <exception cref="EngineException">There is no such place.</exception>
    public Tensor Unsqueeze(int axis)
    {
        int at = axis < 0 ? axis + Rank + 1 : axis;
        if (at < 0 || at > Rank)
        {
            Check.Fail("Unsqueeze", $"axis {axis} is not in {-Rank - 1}..{Rank} for x {Shape}.", this);
        }

        Span<int> dims = stackalloc int[Shape.MaxRank + 1];
        Shape.Span[..at].CopyTo(dims);
        dims[at] = 1;
        Shape.Span[at..].CopyTo(dims[(at + 1)..]);
        return ReshapeTo(Shape.Create(dims[..(Rank + 1)]));
    }

    /// <summary>The same tensor without axis <paramref name="axis"/>, which must have size 1.</summary>
    /// <exception cref="EngineException">The axis has another size.</exception>
    public Tensor Squeeze(int axis)
    {
        int at = Check.Axis("Squeeze", this, axis);
        if (Shape[at] != 1)
        {
            Check.Fail("Squeeze", $"axis {at} of x {Shape} has size {Shape[at]}, expected 1.", this);
        }

        return ReshapeTo(Shape.Without(at));
    }

    internal Tensor ReshapeTo(Shape shape)
    {
        Tensor x = Contiguous();
        return Recorder.Apply<ReshapeOp, ReshapeOp.Args, ReshapeOp.Saved>(new(x, shape), x);
    }

    private Shape ResolveReshape(ReadOnlySpan<int> dims)
    {
        Span<int> resolved = stackalloc int[dims.Length];
        dims.CopyTo(resolved);
        int unknown = dims.IndexOf(-1);
        long known = 1;
        for (int i = 0; i < dims.Length; i++)
        {
            known *= i == unknown ? 1 : dims[i];
        }

        if (unknown >= 0 && known > 0 && Count % known == 0)
        {
            resolved[unknown] = (int)(Count / known);
            known = Count;
        }

        if (known != Count || resolved.ContainsAnyInRange(int.MinValue, -1))
        {
            Check.Fail("Reshape", $"x {Shape} has {Count} elements, which do not fit ({string.Join(", ", dims.ToArray())}).", this);
        }

        return Shape.Create(resolved);
    }
}
