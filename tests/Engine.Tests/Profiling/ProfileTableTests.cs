using Engine.KernelLanguage;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Tests.Profiling;

public sealed class ProfileTableTests
{
    [Fact]
    public void The_rows_are_together_the_whole_time_and_every_launch() => Prop.ForAll(
        ArbMap.Default.ArbFor<int>(),
        ArbMap.Default.ArbFor<bool>(),
        (seed, runsBehind) =>
        {
            DeviceProfile profile = Profiles.Random(seed, runsBehind);
            ProfileTable table = new(profile);
            ProfileRow[] kernels = [.. table.Rows.Where(row => row.Op != ProfileTable.Outside)];
            Assert.Equal(profile.Nanoseconds, table.Rows.Sum(row => row.Nanoseconds));
            Assert.Equal(profile.Nanoseconds, table.Total.Nanoseconds);
            Assert.Equal(profile.Launches.Count, table.Total.Launches);
            Assert.Equal(profile.Launches.Sum(l => l.Nanoseconds), kernels.Sum(row => row.Nanoseconds));
            Assert.Equal(profile.Launches.Aggregate(default(KernelCost), (sum, l) => sum + l.Cost), table.Total.Cost);
            Assert.Equal(table.Rows.Count, table.Rows.Select(row => (row.Op, row.Pass)).Distinct().Count());
            Assert.All(table.Rows, row => Assert.True(row.Nanoseconds >= 0));
            Assert.All(kernels, row => Assert.True(row.Calls > 0 && row.Launches > 0));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_launch_belongs_to_the_innermost_op_and_the_outermost_phase()
    {
        KernelCost cost = new(100, 10);
        DeviceProfile profile = new(
            1000,
            runsBehind: false,
            [
                new("step", SpanKind.Step, -1, 0, 900), new("evaluate", SpanKind.Phase, 0, 0, 400), new("forward", SpanKind.Phase, 1, 0, 400),
                new("Linear", SpanKind.Forward, 2, 0, 300), new("backward", SpanKind.Phase, 0, 400, 400), new("Linear", SpanKind.Backward, 4, 400, 200),
                new("Cast", SpanKind.Forward, 5, 410, 20),
            ],
            [
                new("Gemm<Gelu>", 3, 1, cost, 0, 0, 200), new("Fill<Single>", 3, 1, cost, 200, 200, 50), new("Gemm<Identity>", 5, 1, KernelCost.Unknown, 400, 400, 5),
                new("Cast<Single>", 6, 1, cost, 410, 410, 10), new("Fill<Single>", 0, 1, cost, 850, 850, 25),
            ]);
        Assert.Equal(
            [
                new("Linear", "evaluate", 1, 2, 250, new KernelCost(200, 20)), new("Cast", "backward", 1, 1, 10, cost),
                new("Linear", "backward", 1, 1, 5, KernelCost.Unknown), new("Fill", "", 1, 1, 25, cost),
                new(ProfileTable.Outside, "evaluate", 0, 0, 150, default), new(ProfileTable.Outside, "backward", 0, 0, 385, default),
                new(ProfileTable.Outside, "", 0, 0, 175, default),
            ],
            new ProfileTable(profile).Rows.OrderBy(row => row.Op == ProfileTable.Outside).ThenBy(row => row.Pass.Length == 0)
                .ThenByDescending(row => row.Pass).ThenByDescending(row => row.Op == "Linear" && row.Pass == "evaluate").ThenBy(row => row.Op));
    }

    [Fact]
    public void Rates_are_of_what_is_known()
    {
        ProfileRow row = new("Linear", "forward", 1, 1, 200, new KernelCost(1000, 400));
        Assert.Equal((5.0, 2.0), (row.GigaFlops, row.GigaBytes));
        Assert.Equal((double.NaN, double.NaN), ((row with { Cost = KernelCost.Unknown }).GigaFlops, (row with { Cost = KernelCost.Unknown }).GigaBytes));
        Assert.Equal(double.NaN, (row with { Nanoseconds = 0 }).GigaFlops);
    }
}
