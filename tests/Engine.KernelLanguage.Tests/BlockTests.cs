using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.KernelLanguage.Tests;

public sealed unsafe class BlockTests
{
    private static readonly float[] Values = [0.1f, -2.5f, 1e8f, 3f, -1e8f, 0.7f, 42f];

    public static TheoryData<int> Lanes => [1, 2, 4, 7];

    private static Arbitrary<(int N, int Lanes)> Ranges => Arb.From(
        from n in Gen.Choose(0, 3 * Block.Span)
        from lanes in Gen.Choose(1, 5)
        select (n, lanes));

    [Fact]
    public void One_lane_is_its_own_block_and_its_collectives_are_identities()
    {
        Block b = new(5);
        Assert.Equal((5L, 0, 1), (b.Index, b.Lane, b.Size));
        b.Barrier();
        Assert.Equal(-3f, b.Sum(-3f));
        Assert.Equal(-3f, b.Max(-3f));
        Assert.True(float.IsNaN(b.Max(float.NaN)));
        Assert.Equal(-3, b.Min(-3));
        Assert.Equal(0f, b.SumBelow(-3f));
    }

    [Theory]
    [MemberData(nameof(Lanes))]
    public void Sum_is_that_of_the_lanes_in_order_and_every_lane_gets_it(int lanes)
    {
        float expected = InOrder(Values.AsSpan(0, lanes));
        Assert.All(RunCollective<Sum>(Values, lanes), s => Assert.Equal(expected, s));
    }

    [Theory]
    [MemberData(nameof(Lanes))]
    public void SumBelow_is_that_of_the_lanes_before_in_order(int lanes) =>
        Assert.Equal(Enumerable.Range(0, lanes).Select(lane => InOrder(Values.AsSpan(0, lane))), RunCollective<SumBelow>(Values, lanes));

    [Theory]
    [MemberData(nameof(Lanes))]
    public void Min_is_that_of_the_lanes_and_every_lane_gets_it(int lanes) =>
        Assert.All(RunCollective<Min>(Values, lanes), m => Assert.Equal(Values.Take(lanes).Min(v => (int)v), m));

    [Theory]
    [MemberData(nameof(Lanes))]
    public void Max_is_that_of_the_lanes_and_every_lane_gets_it(int lanes) =>
        Assert.All(RunCollective<Max>(Values, lanes), m => Assert.Equal(Values.Take(lanes).Max(), m));

    [Theory]
    [MemberData(nameof(Lanes))]
    public void NaN_in_any_lane_wins_the_maximum(int lanes)
    {
        for (int lane = 0; lane < lanes; lane++)
        {
            float[] values = [.. Values];
            values[lane] = float.NaN;
            Assert.All(RunCollective<Max>(values, lanes), m => Assert.True(float.IsNaN(m)));
        }
    }

    [Theory]
    [MemberData(nameof(Lanes))]
    public void Writes_before_a_barrier_are_seen_after_it(int lanes)
    {
        int[] cell = new int[lanes];
        int[] seen = new int[lanes];
        fixed (int* c = cell, s = seen)
        {
            BlockTeam.Run(new Neighbour(new View<int>(c, lanes), new View<int>(s, lanes)), blocks: 50, lanes);
        }

        // In the last block every lane reads what the next one wrote there.
        Assert.Equal(Enumerable.Range(0, lanes).Select(lane => 4900 + ((lane + 1) % lanes)), seen);
    }

    [Fact]
    public void Blocks_and_lanes_cover_a_flat_range_once() =>
        Prop.ForAll(Ranges, range =>
        {
            int[] visits = new int[range.N];
            fixed (int* v = visits)
            {
                BlockTeam.Run(new Visit(new View<int>(v, range.N), range.N), Block.Cover(range.N), range.Lanes);
            }

            return visits.All(count => count == 1);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_lane_that_fails_fails_the_run_and_stalls_nobody() =>
        Assert.Equal("lane 2", Assert.Throws<InvalidOperationException>(() => BlockTeam.Run(default(Failing), blocks: 3, lanes: 4)).Message);

    [Fact]
    public void A_team_has_at_least_one_lane() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => BlockTeam.Run(default(Failing), blocks: 1, lanes: 0));

    private static float InOrder(ReadOnlySpan<float> values)
    {
        float sum = 0f;
        foreach (float value in values)
        {
            sum += value;
        }

        return sum;
    }

    private static float[] RunCollective<C>(float[] values, int lanes)
        where C : struct, ICollective
    {
        float[] result = new float[lanes];
        fixed (float* x = values, y = result)
        {
            BlockTeam.Run(new Collective<C>(new View<float>(x, values.Length), new View<float>(y, lanes)), blocks: 3, lanes);
        }

        return result;
    }

    private interface ICollective
    {
        static abstract float Of(in Block b, float value);
    }

    private readonly struct Sum : ICollective
    {
        public static float Of(in Block b, float value) => b.Sum(value);
    }

    private readonly struct SumBelow : ICollective
    {
        public static float Of(in Block b, float value) => b.SumBelow(value);
    }

    private readonly struct Max : ICollective
    {
        public static float Of(in Block b, float value) => b.Max(value);
    }

    private readonly struct Min : ICollective
    {
        public static float Of(in Block b, float value) => b.Min((int)value);
    }

    private readonly record struct Collective<C>(View<float> x, View<float> y) : IKernel
        where C : struct, ICollective
    {
        public void Execute(in Block b) => y[b.Lane] = C.Of(b, x[b.Lane]);
    }

    private readonly record struct Neighbour(View<int> cell, View<int> seen) : IKernel
    {
        public void Execute(in Block b)
        {
            cell[b.Lane] = (100 * (int)b.Index) + b.Lane;
            b.Barrier();
            seen[b.Lane] = cell[(b.Lane + 1) % b.Size];
        }
    }

    private readonly record struct Visit(View<int> visits, long n) : IKernel
    {
        public void Execute(in Block b)
        {
            for (long i = b.Start; i < b.End(n); i += b.Size)
            {
                Interlocked.Increment(ref visits[i]);
            }
        }
    }

    private readonly record struct Failing : IKernel
    {
        public void Execute(in Block b)
        {
            if (b.Lane == 2 && b.Index == 1)
            {
                throw new InvalidOperationException("lane 2");
            }

            b.Barrier();
        }
    }
}
