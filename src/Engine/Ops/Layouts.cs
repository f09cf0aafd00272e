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

    // Neighbouring axes that step together are merged, so that most layouts need few divisions or none.
    private static Layout Make(Shape shape, Strides strides)
    {
        Span<long> sizes = stackalloc long[Shape.MaxRank];
        Span<long> steps = stackalloc long[Shape.MaxRank];
        int rank = 0;
        for (int i = 0; i < shape.Rank; i++)
        {
            if (shape[i] == 1)
            {
                continue;
            }

            if (rank > 0 && steps[rank - 1] == strides[i] * shape[i])
            {
                sizes[rank - 1] *= shape[i];
                steps[rank - 1] = strides[i];
            }
            else
            {
                sizes[rank] = shape[i];
                steps[rank++] = strides[i];
            }
        }

        if (rank == 0)
        {
            // A single element still needs an axis, because rank 0 means flat.
            sizes[0] = 1;
            rank = 1;
        }

        return new Layout(sizes[..rank], steps[..rank]);
    }
}
