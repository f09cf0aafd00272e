using System.Runtime.CompilerServices;
using Engine.KernelLanguage;

namespace Engine;

/// <summary>A place in a layout that moves by whole runs.</summary>
internal ref struct LayoutWalk
{
    private readonly ref readonly Layout _layout;
    private readonly long _run;
    private Index _index;

    public LayoutWalk(in Layout layout, long start, long run)
    {
        _layout = ref layout;
        _run = run;
        Offset = layout.At(start);
        for (int axis = layout.Rank - 1; axis >= 0; axis--)
        {
            long rest = start / layout.Size(axis);
            _index[axis] = start - (rest * layout.Size(axis));
            start = rest;
        }
    }

    /// <summary>The length of the innermost axis.</summary>
    public static long Inner(in Layout layout) => layout.Size(layout.Rank - 1);

    /// <summary>A run that ends wherever either of two innermost axes does: the smaller size, if it divides the larger.</summary>
    public static long Common(long a, long b) => a % b == 0 ? b : b % a == 0 ? a : 1;

    /// <summary>Where the present run begins.</summary>
    public long Offset { get; private set; }

    /// <summary>Elements from one place of a run to the next.</summary>
    public readonly long Step => _layout.IsFlat ? 1 : _layout.Stride(_layout.Rank - 1);

    public void Next()
    {
        Offset += _run * Step;
        int axis = _layout.Rank - 1;
        if (axis < 0)
        {
            return;
        }

        for (_index[axis] += _run; axis > 0 && _index[axis] == _layout.Size(axis); _index[axis]++)
        {
            Offset -= _layout.Size(axis) * _layout.Stride(axis);
            _index[axis--] = 0;
            Offset += _layout.Stride(axis);
        }
    }

    [InlineArray(Layout.MaxRank)]
    private struct Index
    {
        private long _element;
    }
}
