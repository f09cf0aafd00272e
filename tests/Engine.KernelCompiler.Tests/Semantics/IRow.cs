using Engine.KernelLanguage;

namespace Engine.KernelCompiler.Tests;

/// <summary>One row of the table of differences between C# and C: a function of two words whose bits all devices agree on.</summary>
internal interface IRow : IDeviceFunctions
{
    /// <summary>The result's bits; a float NaN counts as any other.</summary>
    static abstract uint Of(uint a, uint b);

    /// <summary>Whether the words are the bits of floats, which decides what values they take.</summary>
    static virtual bool TakesFloats => false;

    /// <summary>Whether the result is the bits of a float.</summary>
    static virtual bool GivesFloat => false;
}

/// <summary>y = row(a, b).</summary>
[Kernel]
internal readonly partial record struct RowKernel<F>(View<uint> a, View<uint> b, View<uint> y, long n) : IKernel
    where F : unmanaged, IRow
{
    public void Execute(in Block block)
    {
        for (long i = block.Start; i < block.End(n); i += block.Size)
        {
            y[i] = F.Of(a[i], b[i]);
        }
    }
}
