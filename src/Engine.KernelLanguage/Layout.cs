using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Engine.KernelLanguage;

/// <summary>
/// Where the i-th element of a strided or broadcast tensor lies. A layout of rank 0 is flat: element i is at i.
/// </summary>
public readonly struct Layout
{
    /// <summary>The highest rank.</summary>
    public const int MaxRank = 8;

    private readonly Longs _sizes;
    private readonly Longs _strides;

    /// <summary>A layout of the given sizes and strides (in elements), outermost axis first.</summary>
    public Layout(ReadOnlySpan<long> sizes, ReadOnlySpan<long> strides)
    {
        Rank = sizes.Length;
        sizes.CopyTo(_sizes);
        strides.CopyTo(_strides);
    }

    /// <summary>The number of axes; 0 for a flat layout.</summary>
    public int Rank { get; }

    /// <summary>True when element i is at offset i.</summary>
    public bool IsFlat => Rank == 0;

    /// <summary>The size of an axis.</summary>
    public long Size(int axis) => _sizes[axis];

    /// <summary>Elements from one place of an axis to the next.</summary>
    public long Stride(int axis) => _strides[axis];

    /// <summary>The offset of the i-th element in row-major order.</summary>
    [Intrinsic("eng_layout_at", "eng_layout_at")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long At(long i) => Rank == 0 ? i : Strided(i);

    /// <summary>How many different offsets the first <paramref name="n"/> elements have; a broadcast axis repeats its own.</summary>
    public long Distinct(long n)
    {
        for (int axis = 0; axis < Rank; axis++)
        {
            n = Stride(axis) == 0 && Size(axis) > 0 ? n / Size(axis) : n;
        }

        return n;
    }

    private long Strided(long i)
    {
        long offset = 0;
        for (int axis = Rank - 1; axis > 0; axis--)
        {
            long size = _sizes[axis];
            long rest = i / size;
            offset += (i - (rest * size)) * _strides[axis];
            i = rest;
        }

        return offset + (i * _strides[0]);
    }

    [InlineArray(MaxRank)]
    [SuppressMessage("Style", "IDE0044", Justification = "The element of an inline array.")]
    private struct Longs
    {
        private long _element;
    }
}
