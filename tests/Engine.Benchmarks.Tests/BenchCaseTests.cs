using System.Reflection;
using BenchmarkDotNet.Attributes;
using Engine.Testing;
using Xunit;

namespace Engine.Benchmarks.Tests;

/// <summary>
/// Nothing here measures time: every case runs at its small size, each of its contestants must leave what the plain loop
/// leaves, and every kernel and op must have a case.
/// </summary>
public sealed class BenchCaseTests
{
    private static readonly FamilyBenchmarks[] Families = [.. typeof(FamilyBenchmarks).Assembly.GetTypes()
        .Where(t => t.IsSubclassOf(typeof(FamilyBenchmarks))).Select(t => (FamilyBenchmarks)Activator.CreateInstance(t)!)];

    private static readonly Dictionary<string, BenchCase> All = Families
        .SelectMany(f => f.Cases(Sizes.Small), (f, c) => (Name: $"{f.GetType().Name} {c}", Case: c)).ToDictionary(x => x.Name, x => x.Case);

    public static TheoryData<string, Contestant> Competitors =>
    [
        .. from entry in All
           from contestant in Enum.GetValues<Contestant>()
           where contestant != Contestant.Naive && entry.Value.Has(contestant)
           select new TheoryDataRow<string, Contestant>(entry.Key, contestant),
    ];

    [Theory]
    [MemberData(nameof(Competitors))]
    public void A_contestant_leaves_what_the_plain_loop_leaves(string name, Contestant contestant)
    {
        try
        {
            using BenchRun run = All[name].PrepareVerified(contestant);

            // Once more, as a benchmark goes on.
            run.Run();
        }
        catch (RivalUnavailableException problem)
        {
            Requirement.Missing("openblas", problem.Message);
        }
    }

    [Fact]
    public void Every_kernel_has_a_benchmark() => Assert.Empty(
        KernelCatalog.All.Select(k => k.Source!.Name).Except(All.Values.OfType<IKernelBench>().Select(c => c.Kernel)));

    [Fact]
    public void Every_op_has_a_benchmark()
    {
        HashSet<Type> benchmarked = [.. All.Values.OfType<OpBench>().SelectMany(c => c.Recorded()).Select(OpRegistry.Definition)];
        Assert.Empty(OpRegistry.Ops.Concat(OpRegistry.InferenceOps).Where(op => !benchmarked.Contains(op)).Select(op => op.Name));
    }

    [Fact]
    public void Cases_at_full_size_are_those_of_the_small_size() => Assert.All(
        Families,
        f => Assert.Equal(f.Cases(Sizes.Small).Select(c => c.GetType()), f.Timed.Select(c => c.GetType())));

    [Fact]
    public void Every_contestant_is_a_benchmark() => Assert.Equal(
        Enum.GetNames<Contestant>().Order(),
        typeof(FamilyBenchmarks).GetMethods().Where(m => m.IsDefined(typeof(BenchmarkAttribute))).Select(m => m.Name).Order());
}
