using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Filters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace Engine.Benchmarks;

/// <summary>
/// How the families are run: inside this process, in short iterations, with rates beside times, and only the contestants that a
/// case has. In the process, since what BenchmarkDotNet starts otherwise is a project it writes, restores and builds for
/// each class: that needs a package source, falls under this repository's rules for hand-written code, and gains nothing here, where tiered
/// compilation is off and every case has its own device.
/// </summary>
internal sealed class EngineConfig : ManualConfig
{
    public EngineConfig()
    {
        AddJob(Job.Default
            .WithToolchain(InProcessEmitToolchain.Instance)
            .WithWarmupCount(1)
            .WithIterationCount(7)
            .WithIterationTime(TimeInterval.FromMilliseconds(50))
            .WithUnrollFactor(1)
            .WithEvaluateOverhead(false));
        AddFilter(new SimpleFilter(benchmark =>
            benchmark.Parameters[nameof(FamilyBenchmarks.Case)] is not BenchCase work
            || work.Has(Enum.Parse<Contestant>(benchmark.Descriptor.WorkloadMethod.Name))));
        AddColumn(
            StatisticColumn.Median,
            new RateColumn("GFLOP/s", "Floating-point operations of the work by its formula, by the median time.", work => work.Cost.Flops),
            new RateColumn("GB/s", "Bytes that its kernels read and write, by the median time.", work => work.Cost.Bytes));
        HideColumns(Column.Error, Column.StdDev, Column.RatioSD, Column.Job, Column.Toolchain);
        WithSummaryStyle(BenchmarkDotNet.Reports.SummaryStyle.Default.WithMaxParameterColumnWidth(60));
    }
}
