using Engine.Pretraining.Evaluation;
using Engine.Pretraining.Tests.Training;
using Engine.Pretraining.Training;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Pretraining.Tests.Evaluation;

public sealed class ScalingLawTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_law_is_found_again_from_points_on_it() => Prop.ForAll(
        Gen.Choose(10, 900).SelectMany(alpha => Gen.Choose(6, 14).Select(nc => (alpha, nc))).ToArbitrary(),
        c =>
        {
            ScalingLaw law = new(c.alpha / 1000.0, Math.Pow(10, c.nc), 1);
            ScalingLaw fit = ScalingLaw.Fit([.. new long[] { 1_000, 5_000, 80_000, 900_000 }.Select(n => new ScalingPoint("r", n, 1000, law.LossAt(n)))]);
            Assert.Equal(law.Alpha, fit.Alpha, 1e-9);
            Assert.Equal(Math.Log(law.Nc), Math.Log(fit.Nc), 1e-6);
            Assert.Equal(1, fit.RSquared, 1e-9);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Noise_lowers_r_squared()
    {
        ScalingLaw fit = ScalingLaw.Fit([new("a", 10, 1, 3), new("b", 100, 1, 1.5), new("c", 1000, 1, 2.5)]);
        Assert.InRange(fit.RSquared, 0, 0.5);
    }

    [Fact]
    public void Too_few_sizes_and_unequal_lengths_are_refused()
    {
        Assert.Equal(
            "scaling law: 2 different sizes are given; a fit needs at least 3 runs of different sizes.",
            Assert.Throws<EngineException>(() => ScalingLaw.Fit([new("a", 10, 1, 3), new("b", 10, 1, 2), new("c", 20, 1, 2)])).Message);
        Assert.Equal(
            "scaling law: a saw 7 tokens and c 8; only runs of equal length can be compared.",
            Assert.Throws<EngineException>(() => ScalingLaw.Fit([new("a", 10, 7, 3), new("b", 20, 7, 2), new("c", 30, 8, 2)])).Message);
    }

    [Fact]
    public void A_run_is_counted_without_its_tables()
    {
        PretrainRun.Start(TinyRun.Config with { MaxSteps = 3, WarmupSteps = 0 }, _folder.File("run"), new RecordingObserver());
        ScalingPoint point = ScalingPoint.Of(_folder.File("run"));
        (int L, int C) = (TinyRun.Config.NLayer, TinyRun.Config.NEmbd);
        Assert.False(TinyRun.Config.Bias);
        Assert.Equal((L * ((12L * C * C) + (2 * C))) + C, point.Parameters);
        Assert.Equal(3 * TinyRun.Config.TokensPerStep, point.Tokens);
    }
}
