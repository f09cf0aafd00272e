using Engine.Pretraining.Data;
using Engine.Testing;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Pretraining.Tests.Data;

public sealed class SamplerTests
{
    private const int B = 3;
    private const int T = 5;

    public static TheoryData<string> Kinds => ["random", "epoch", "evaluation"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Labels_are_the_tokens_after_the_inputs(string kind) => Prop.ForAll(
        ArbMap.Default.ArbFor<PositiveInt>(), ArbMap.Default.ArbFor<NonNegativeInt>(), ArbMap.Default.ArbFor<ulong>(), (extra, index, seed) =>
        {
            int count = T + extra.Get;
            (int[] ids, int[] labels) = Batch(Make(kind, count, seed), index.Get);
            return ids.Select((id, i) => labels[i] == id + 1 && id >= 0 && labels[i] < count && (i % T == 0 || id == ids[i - 1] + 1)).All(ok => ok);
        }).QuickCheckThrowOnFailure();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_batch_depends_on_its_index_alone(string kind)
    {
        ISampler first = Make(kind, 1000, seed: 7);
        ISampler second = Make(kind, 1000, seed: 7);
        Batch(second, 41);
        Batch(second, 3);
        Assert.Equal(Batch(first, 17).Ids, Batch(second, 17).Ids);
        Assert.NotEqual(Batch(first, 17).Ids, Batch(first, 18).Ids);
    }

    [Theory]
    [InlineData("random")]
    [InlineData("epoch")]
    public void Another_seed_draws_other_windows(string kind) =>
        Assert.NotEqual(Batch(Make(kind, 1000, seed: 7), 0).Ids, Batch(Make(kind, 1000, seed: 8), 0).Ids);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Filling_a_batch_allocates_nothing(string kind)
    {
        ISampler sampler = Make(kind, 1000, seed: 7);
        int[] ids = new int[B * T];
        int[] labels = new int[B * T];
        sampler.Fill(0, ids, labels);
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (int step = 1; step <= 100; step++)
            {
                sampler.Fill(step, ids, labels);
            }
        }));
    }

    [Fact]
    public void Random_windows_start_everywhere_equally_often()
    {
        // 6 starts, 6,000 windows: χ² with 5 degrees of freedom exceeds 20.5 once in a thousand; the seed is fixed.
        RandomWindowSampler sampler = new(Counting(T + 6), B, T, seed: 1);
        int[] starts = new int[6];
        for (int step = 0; step < 2000; step++)
        {
            int[] ids = Batch(sampler, step).Ids;
            for (int b = 0; b < B; b++)
            {
                starts[ids[b * T]]++;
            }
        }

        Assert.True(starts.Sum(n => (n - 1000.0) * (n - 1000.0) / 1000.0) < 20.5, string.Join(" ", starts));
    }

    [Fact]
    public void Every_epoch_visits_each_window_once_in_a_new_order()
    {
        EpochSampler sampler = new(Counting((T * 30) + 3), B, T, seed: 5);
        Assert.Equal(30, sampler.WindowsPerEpoch);
        List<int> Epoch(int number) => [.. Enumerable.Range(number * 10, 10).SelectMany(i => Batch(sampler, i).Ids.Where((_, j) => j % T == 0))];
        Assert.Equal(Enumerable.Range(0, 30).Select(w => w * T), Epoch(0).Order());
        Assert.Equal(Enumerable.Range(0, 30).Select(w => w * T), Epoch(1).Order());
        Assert.NotEqual(Epoch(0), Epoch(1));
    }

    [Fact]
    public void The_evaluation_set_is_spread_over_the_tokens_and_repeats()
    {
        EvaluationSet set = new(Counting(1000), B, T, batches: 10);
        int[] starts = [.. Enumerable.Range(0, 10).SelectMany(i => Batch(set, i).Ids.Where((_, j) => j % T == 0))];
        Assert.Equal(Enumerable.Range(0, 30).Select(w => w * 995 / 30), starts);
        Assert.Equal(Batch(set, 3).Ids, Batch(set, 13).Ids);
    }

    [Fact]
    public void A_permutation_is_one_for_any_size() => Prop.ForAll(ArbMap.Default.ArbFor<PositiveInt>(), ArbMap.Default.ArbFor<ulong>(), (size, seed) =>
    {
        int count = ((size.Get - 1) % 300) + 1;
        Permutation permutation = new(count, seed, number: 2);
        return Enumerable.Range(0, count).Select(i => permutation.At(i)).Order().SequenceEqual(Enumerable.Range(0, count).Select(i => (long)i));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_permutation_may_be_longer_than_32_bits()
    {
        Permutation permutation = new(long.MaxValue, seed: 3, number: 0);
        Assert.Equal(1000, Enumerable.Range(0, 1000).Select(i => permutation.At(i)).Distinct().Count());
    }

    [Fact]
    public void Wrong_arguments_are_refused()
    {
        Assert.Equal(
            "counting: has 5 tokens, but one sequence needs 6 (5 and the label after it).",
            Assert.Throws<EngineException>(() => Make("random", T, 1)).Message);
        Assert.Throws<ArgumentException>(() => Make("random", 100, 1).Fill(0, new int[4], new int[15]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Make("random", 100, 1).Fill(-1, new int[15], new int[15]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Permutation(4, 1, 1).At(4));
    }

    private static MemoryTokens Counting(int count) => new("counting", Enumerable.Range(0, count).ToArray(), count);

    private static ISampler Make(string kind, int count, ulong seed) => kind switch
    {
        "random" => new RandomWindowSampler(Counting(count), B, T, seed),
        "epoch" => new EpochSampler(Counting(count), B, T, seed),
        _ => new EvaluationSet(Counting(count), B, T, batches: 100),
    };

    private static (int[] Ids, int[] Labels) Batch(ISampler sampler, long index)
    {
        int[] ids = new int[B * T];
        int[] labels = new int[B * T];
        sampler.Fill(index, ids, labels);
        return (ids, labels);
    }
}
