namespace Engine.Benchmarks;

/// <summary>The device that a contestant's memory lies on and, unless it is a loop of its own, that it runs on.</summary>
internal static class Contestants
{
    public static CpuDevice Open(Contestant contestant) => contestant switch
    {
        Contestant.Body => new CpuDevice(threads: 1, SimdLevel.None),
        Contestant.SimdAllThreads => new CpuDevice(),
        _ => new CpuDevice(threads: 1),
    };

    /// <summary>More than one thread makes a row only where there is more than one processor.</summary>
    public static bool HasThreads => Environment.ProcessorCount > 1;
}
