using BenchmarkDotNet.Attributes;

namespace Engine.Benchmarks;

/// <summary>A family of cases as BenchmarkDotNet runs it: each contestant is a method, each case a parameter.</summary>
[Config(typeof(EngineConfig))]
public abstract class FamilyBenchmarks
{
    private BenchRun? _run;

    /// <summary>The case being timed.</summary>
    [ParamsSource(nameof(Timed))]
    public BenchCase Case { get; set; } = null!;

    /// <summary>The cases at the sizes that are timed.</summary>
    public IEnumerable<BenchCase> Timed => Cases(Sizes.Full);

    /// <summary>The cases of the family.</summary>
    public abstract IEnumerable<BenchCase> Cases(Sizes sizes);

    [GlobalSetup(Target = nameof(Naive))]
    public void PrepareNaive() => Prepare(Contestant.Naive);

    [GlobalSetup(Target = nameof(Body))]
    public void PrepareBody() => Prepare(Contestant.Body);

    [GlobalSetup(Target = nameof(Simd))]
    public void PrepareSimd() => Prepare(Contestant.Simd);

    [GlobalSetup(Target = nameof(SimdAllThreads))]
    public void PrepareSimdAllThreads() => Prepare(Contestant.SimdAllThreads);

    [GlobalSetup(Target = nameof(Rival))]
    public void PrepareRival() => Prepare(Contestant.Rival);

    [Benchmark(Baseline = true)]
    public void Naive() => _run!.Run();

    [Benchmark]
    public void Body() => _run!.Run();

    [Benchmark]
    public void Simd() => _run!.Run();

    [Benchmark]
    public void SimdAllThreads() => _run!.Run();

    [Benchmark]
    public void Rival() => _run!.Run();

    [GlobalCleanup]
    public void Free()
    {
        _run?.Dispose();
        _run = null;
    }

    private void Prepare(Contestant contestant) => _run = Case.PrepareVerified(contestant);
}
