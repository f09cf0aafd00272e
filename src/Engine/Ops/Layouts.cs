using Engine.KernelLanguage;

namespace Engine;

/// <summary>From a tensor's shape and strides to what kernels read.</summary>
internal static class Layouts
{
    /// <summary>The layout of a tensor in its own shape; flat if it is contiguous.</summary>
    public static Layout Of(Tensor x) => x.IsContiguous ? default : Make(x.Shape, x.Data.Strides);

    /// <summary>The layout that reads <paramref name="x"/> as if it had the shape <paramref name="target"/>.</summary>
    public static Layout Of(string op, Tensor x, Shape target) =>
        x.Shape == target ? Of(x) : Make(target, Broadcast.StridesFor(op, x, target));

    private static Layout Make(Shape shape, Strides strides)
    {
        Span<long> sizes = stackalloc long[Shape.MaxRank];
        Span<long> steps = stackalloc long[Shape.MaxRank];
        for (int i = 0; i < shape.Rank; i++)
        {
            sizes[i] = shape[i];
            steps[i] = strides[i];
        }

        // A scalar that is broadcast to rank 0 still needs an axis, because rank 0 means flat.
        int rank = Math.Max(1, shape.Rank);
        sizes[0] = shape.Rank == 0 ? 1 : sizes[0];
        return new Layout(sizes[..rank], steps[..rank]);
    }
}
