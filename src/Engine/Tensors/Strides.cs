using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Engine;

/// <summary>Elements to step for one more along each axis; 0 on an axis that is broadcast.</summary>
[InlineArray(Shape.MaxRank)]
[SuppressMessage("Style", "IDE0044", Justification = "The element of an inline array.")]
internal struct Strides
{
    private long _element;

    /// <summary>The strides of a row-major tensor without gaps.</summary>
    public static Strides Contiguous(in Shape shape)
    {
        Strides strides = default;
        long step = 1;
        for (int axis = shape.Rank - 1; axis >= 0; axis--)
        {
            strides[axis] = step;
            step *= shape[axis];
        }

        return strides;
    }

    /// <summary>True when these strides describe a row-major tensor without gaps; axes of size 1 do not matter.</summary>
    public readonly bool AreContiguous(in Shape shape)
    {
        long step = 1;
        for (int axis = shape.Rank - 1; axis >= 0; axis--)
        {
            if (shape[axis] != 1 && this[axis] != step)
            {
                return shape.Count == 0;
            }

            step *= shape[axis];
        }

        return true;
    }
}
