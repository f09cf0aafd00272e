namespace Engine.KernelLanguage;

/// <summary>
/// What a launch has to do by its formula, however a device does it: profiles and rooflines divide it by the time taken. It is
/// the work asked for, not the work done: what a kernel computes twice counts once, and a number that two blocks read counts
/// once, so a rate may exceed that of the memory where caches help.
/// </summary>
/// <param name="Flops">
/// Floating-point operations: one for each addition, multiplication, division, maximum and value of a function (exp, √, a row
/// of a function table), none for comparisons, integers and conversions. NaN where the kernel does not say.
/// </param>
/// <param name="Bytes">Bytes of the numbers read and of those written, one that is added to in both. NaN where the kernel does not say.</param>
public readonly record struct KernelCost(double Flops, double Bytes)
{
    /// <summary>The cost of a kernel that does not say.</summary>
    public static KernelCost Unknown => new(double.NaN, double.NaN);

    /// <summary>Both together; unknown if either is.</summary>
    public static KernelCost operator +(KernelCost a, KernelCost b) => new(a.Flops + b.Flops, a.Bytes + b.Bytes);

    /// <summary>The same as <c>a + b</c>.</summary>
    public static KernelCost Add(KernelCost a, KernelCost b) => a + b;
}
