using Xunit;

namespace Engine.Tests.Cpu;

/// <summary>
/// Which level the run has. The check of a change runs these tests a second time with the wider instructions switched off; a
/// switch that the runtime does not know would go unnoticed, so that run says what it expects in ENGINE_REQUIRE_SIMD.
/// </summary>
public sealed class SimdLevelTests
{
    [Fact]
    public void The_widest_level_is_the_last_available_and_the_one_that_the_run_requires()
    {
        Assert.Equal(SimdLevels.Best, SimdLevels.Available.Last());
        Assert.Equal(Environment.GetEnvironmentVariable("ENGINE_REQUIRE_SIMD") ?? SimdLevels.Best.Name(), SimdLevels.Best.Name());
    }

    [Fact]
    public void A_device_takes_the_widest_level_unless_told_otherwise()
    {
        using CpuDevice widest = new(threads: 1);
        using CpuDevice scalar = new(threads: 1, SimdLevel.None);
        Assert.Equal((SimdLevels.Best, SimdLevel.None), (widest.Level, scalar.Level));
    }
}
