using Xunit;

namespace Engine.KernelLanguage.Tests;

public sealed unsafe class ViewTests
{
    [Fact]
    public void Reads_and_writes_go_to_the_memory_it_was_given()
    {
        float[] memory = [1, 2, 3, 4, 5, 6];
        fixed (float* p = memory)
        {
            View<float> view = new(p, 6);
            view[1] = 20;
            view[5] += 1;
            View<float> row = view.Row(1, 3);
            row[0] = 40;
            View<float> rest = view.From(4);
            rest[0] = 50;
            Assert.Equal(3, row.Length);
            Assert.Equal(2, rest.Length);
            Assert.Equal(0, view.From(6).Length);
        }

        Assert.Equal([1, 20, 3, 40, 50, 7], memory);
    }

    [Fact]
    public void An_optional_argument_that_was_not_given_does_not_exist()
    {
        float one = 1;
        Assert.False(default(View<float>).Exists);
        Assert.True(new View<float>(&one, 1).Exists);
    }

#if DEBUG
    // Debug only, as the checks themselves: .ci/run runs these tests in both configurations.
    [Theory]
    [InlineData(-1)]
    [InlineData(6)]
    [InlineData(long.MaxValue)]
    public void An_index_outside_is_refused(long index) => AssertRefused(view => view[index]);

    [Theory]
    [InlineData(2, 3)]
    [InlineData(-1, 3)]
    public void A_row_outside_is_refused(long row, long width) => AssertRefused(view => view.Row(row, width).Length);

    [Theory]
    [InlineData(-1)]
    [InlineData(7)]
    public void A_start_outside_is_refused(long start) => AssertRefused(view => view.From(start).Length);

    private static void AssertRefused(Func<View<float>, float> use)
    {
        float[] memory = new float[6];
        fixed (float* p = memory)
        {
            View<float> view = new(p, memory.Length);
            Exception refusal = Assert.ThrowsAny<Exception>(() => use(view));
            Assert.Contains("out of range", refusal.Message, StringComparison.Ordinal);
        }
    }
#endif
}
