using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.KernelLanguage.Tests;

public sealed class LayoutTests
{
    private sealed record Axes(long[] Sizes, long[] Strides)
    {
        public long Count => Sizes.Aggregate(1L, (a, b) => a * b);
    }

    // Ranks 1 to 8, sizes 1 to 3; strides also 0 (broadcast) and negative (reversed).
    private static Arbitrary<Axes> AnyAxes => Arb.From(
        from rank in Gen.Choose(1, Layout.MaxRank)
        from sizes in Gen.Choose(1, 3).ArrayOf(rank)
        from strides in Gen.Choose(-5, 100).ArrayOf(rank)
        select new Axes([.. sizes.Select(s => (long)s)], [.. strides.Select(s => (long)s)]));

    [Fact]
    public void At_counts_the_last_axis_fastest() =>
        Prop.ForAll(AnyAxes, axes =>
        {
            Layout layout = new(axes.Sizes, axes.Strides);
            long[] index = new long[axes.Sizes.Length];
            for (long i = 0; i < axes.Count; i++)
            {
                long expected = 0;
                for (int axis = 0; axis < index.Length; axis++)
                {
                    expected += index[axis] * axes.Strides[axis];
                }

                if (layout.At(i) != expected)
                {
                    return false;
                }

                for (int axis = index.Length - 1; axis >= 0 && ++index[axis] == axes.Sizes[axis]; axis--)
                {
                    index[axis] = 0;
                }
            }

            return true;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Row_major_strides_are_the_identity() =>
        Prop.ForAll(AnyAxes, axes =>
        {
            long[] strides = new long[axes.Sizes.Length];
            long stride = 1;
            for (int axis = strides.Length - 1; axis >= 0; axis--)
            {
                strides[axis] = stride;
                stride *= axes.Sizes[axis];
            }

            Layout layout = new(axes.Sizes, strides);
            return Enumerable.Range(0, (int)axes.Count).All(i => layout.At(i) == i);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_flat_layout_is_the_identity_far_beyond_32_bits()
    {
        Layout flat = default;
        Assert.True(flat.IsFlat);
        Assert.Equal(0, flat.Rank);
        Assert.Equal(1L << 40, flat.At(1L << 40));
    }

    [Fact]
    public void Offsets_are_64_bit()
    {
        Layout layout = new([1L << 20, 1L << 20], [1L << 21, 2]);
        Assert.False(layout.IsFlat);
        Assert.Equal(((1L << 20) - 1) * ((1L << 21) + 2), layout.At((1L << 40) - 1));
    }

    [Fact]
    public void More_axes_than_the_highest_rank_are_refused() =>
        Assert.Throws<ArgumentException>(() => new Layout(new long[Layout.MaxRank + 1], new long[Layout.MaxRank + 1]));
}
