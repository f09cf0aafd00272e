using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace Engine.Benchmarks;

/// <summary>An amount of a case's work by the nanoseconds of its median: 10⁹ a second.</summary>
internal sealed class RateColumn(string name, string legend, Func<BenchCase, double> amount) : IColumn
{
    public string Id => name;

    public string ColumnName => name;

    public string Legend => legend;

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
    {
        double median = summary[benchmarkCase]?.ResultStatistics?.Median ?? 0;
        double work = benchmarkCase.Parameters[nameof(FamilyBenchmarks.Case)] is BenchCase c ? amount(c) : 0;
        return work > 0 && median > 0 ? (work / median).ToString("F1", CultureInfo.InvariantCulture) : "–";
    }

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public bool IsAvailable(Summary summary) => true;
}
