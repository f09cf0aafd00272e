using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Engine;

/// <summary>The sizes of a tensor's axes, up to rank 8, held in place: making one allocates nothing.</summary>
[CollectionBuilder(typeof(Shape), nameof(Create))]
public readonly struct Shape : IEquatable<Shape>
{
    /// <summary>The highest rank.</summary>
    public const int MaxRank = 8;

    private readonly Dims _dims;

    private Shape(ReadOnlySpan<int> dims)
    {
        if (dims.Length > MaxRank)
        {
            throw new EngineException($"Shape: rank {dims.Length} is above the highest rank, {MaxRank}.");
        }

        foreach (int dim in dims)
        {
            if (dim < 0)
            {
                throw new EngineException($"Shape: an axis of size {dim} is negative.");
            }
        }

        dims.CopyTo(_dims);
        Rank = dims.Length;
    }

    /// <summary>The number of axes; 0 for a scalar.</summary>
    public int Rank { get; }

    /// <summary>The number of elements: the product of the sizes, 1 for a scalar.</summary>
    public long Count
    {
        get
        {
            long count = 1;
            for (int i = 0; i < Rank; i++)
            {
                count *= _dims[i];
            }

            return count;
        }
    }

    /// <summary>The axes as a span.</summary>
    [UnscopedRef]
    public ReadOnlySpan<int> Span => ((ReadOnlySpan<int>)_dims)[..Rank];

    /// <summary>The size of one axis; <c>[^1]</c> is the last.</summary>
    public int this[Index axis] => Span[axis];

    /// <summary>A shape of the given sizes; what <c>[B, T, C]</c> calls.</summary>
    public static Shape Create(ReadOnlySpan<int> dims) => new(dims);

    /// <summary>Axis-wise equality.</summary>
    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    /// <summary>Axis-wise inequality.</summary>
    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);

    /// <summary>Enumerates the sizes (also what makes collection expressions work).</summary>
    public IEnumerator<int> GetEnumerator()
    {
        for (int i = 0; i < Rank; i++)
        {
            yield return _dims[i];
        }
    }

    /// <summary>This shape with axis <paramref name="axis"/> of another size.</summary>
    public Shape With(Index axis, int size)
    {
        Span<int> dims = stackalloc int[MaxRank];
        Span.CopyTo(dims);
        dims[axis.GetOffset(Rank)] = size;
        return new Shape(dims[..Rank]);
    }

    /// <summary>This shape with one more axis at the end.</summary>
    public Shape Append(int size)
    {
        Span<int> dims = stackalloc int[MaxRank + 1];
        Span.CopyTo(dims);
        dims[Rank] = size;
        return new Shape(dims[..(Rank + 1)]);
    }

    /// <summary>This shape without axis <paramref name="axis"/>.</summary>
    public Shape Without(Index axis)
    {
        Span<int> dims = stackalloc int[MaxRank];
        int at = axis.GetOffset(Rank);
        Span[..at].CopyTo(dims);
        Span[(at + 1)..].CopyTo(dims[at..]);
        return new Shape(dims[..(Rank - 1)]);
    }

    /// <inheritdoc/>
    public bool Equals(Shape other) => Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (int dim in Span)
        {
            hash.Add(dim);
        }

        return hash.ToHashCode();
    }

    /// <summary>As PyTorch prints it: <c>(8, 64, 768)</c>, <c>(512,)</c>, <c>()</c>.</summary>
    public override string ToString() =>
        Rank == 1 ? $"({_dims[0]},)" : $"({string.Join(", ", Span.ToArray())})";

    [InlineArray(MaxRank)]
    [SuppressMessage("Performance", "CA1823", Justification = "The element of an inline array.")]
    [SuppressMessage("Style", "IDE0044", Justification = "The element of an inline array.")]
    private struct Dims
    {
        private int _element;
    }
}
