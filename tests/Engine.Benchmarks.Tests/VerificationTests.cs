using Engine.KernelLanguage;
using Engine.Kernels;
using Xunit;

namespace Engine.Benchmarks.Tests;

/// <summary>A contestant with other results is refused before anything is timed.</summary>
public sealed class VerificationTests
{
    private const int N = 100;

    [Fact]
    public void Equal_results_pass() => Case(k => Fill(k, 0.25f)).PrepareVerified(Contestant.Body).Dispose();

    [Fact]
    public void Another_number_is_refused()
    {
        InvalidOperationException problem = Assert.Throws<InvalidOperationException>(() => Case(k =>
        {
            Fill(k, 0.25f);
            k.y[N - 1] = 0.26f;
        }).PrepareVerified(Contestant.Body));
        Assert.Contains("element 99 is 0.25, the naive loop says 0.26", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_result_that_nobody_wrote_is_refused() =>
        Assert.Throws<InvalidOperationException>(() => Case(k => Fill(k with { n = N - 1 }, 0.25f)).PrepareVerified(Contestant.Body));

    [Fact]
    public void A_result_that_both_left_alone_is_refused() => Assert.Throws<InvalidOperationException>(() => new KernelBench<Fill<float>>(
        "of nothing", 1, m => new(m.Out(N), 0.25f, 0), _ => { }).PrepareVerified(Contestant.Body));

    [Fact]
    public void A_case_without_results_is_refused() => Assert.Throws<InvalidOperationException>(() => new KernelBench<Fill<float>>(
        "unseen", 1, m => new(m.Scratch(N), 0.25f, N), k => Fill(k, 0.25f)).PrepareVerified(Contestant.Body));

    private static KernelBench<Fill<float>> Case(Action<Fill<float>> naive) => new("of a test", Block.Cover(N), m => new(m.Out(N), 0.25f, N), naive);

    private static void Fill(Fill<float> k, float value)
    {
        for (long i = 0; i < k.n; i++)
        {
            k.y[i] = value;
        }
    }
}
