using Engine.KernelLanguage;

namespace Engine.Cli.Bench;

/// <summary>What a device reaches at most, in operations and bytes a second, as its best kernels show it.</summary>
/// <param name="Flops">The better of multiply-add chains and the matrix product, in float32.</param>
/// <param name="Bytes">The better of copying and adding arrays that no cache holds.</param>
internal readonly record struct Peaks(double Flops, double Bytes)
{
    /// <summary>Measures a device.</summary>
    public static Peaks Of(Device device) => new(
        Best(device, m => m.FlopsPerSecond, "MultiplyAdds", "Gemm"), Best(device, m => m.BytesPerSecond, "CopyStrided", "Combine"));

    private static double Best(Device device, Func<Measurement, double> rate, params string[] kernels) =>
        kernels.Max(kernel => rate(Measurement.Of(KernelBenches.All.Single(b => b.Kernel == kernel), device)));
}

/// <summary>A kernel's time, and what it asked for in that time.</summary>
/// <param name="Kernel">The kernel's name.</param>
/// <param name="Seconds">Of one launch.</param>
/// <param name="Cost">Its arithmetic and traffic.</param>
internal readonly record struct Measurement(string Kernel, double Seconds, KernelCost Cost)
{
    /// <summary>Operations a second; 0 for a kernel that only moves numbers.</summary>
    public double FlopsPerSecond => Cost.Flops / Seconds;

    /// <summary>Bytes a second.</summary>
    public double BytesPerSecond => Cost.Bytes / Seconds;

    /// <summary>Operations a byte.</summary>
    public double Intensity => Cost.Flops / Cost.Bytes;

    /// <summary>Times a kernel at its size.</summary>
    public static Measurement Of(KernelBench bench, Device device)
    {
        using BenchCase timed = bench.Make(device, bench.Size);
        return new Measurement(bench.Kernel, Timing.Seconds(device, timed.Launch), timed.Cost);
    }

    /// <summary>Whether arithmetic, not memory, is what keeps the kernel from being faster at these peaks.</summary>
    public bool IsBoundByArithmetic(in Peaks peaks) => Cost.Flops / peaks.Flops > Cost.Bytes / peaks.Bytes;

    /// <summary>The part reached of what the tighter of the two peaks allows (Williams et al., "Roofline", 2009).</summary>
    public double OfRoof(in Peaks peaks) => Math.Max(Cost.Flops / peaks.Flops, Cost.Bytes / peaks.Bytes) / Seconds;
}
