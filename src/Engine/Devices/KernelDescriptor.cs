using System.Runtime.InteropServices;
using Engine.KernelLanguage;

namespace Engine;

/// <summary>
/// Everything a device needs to launch a kernel besides its arguments: its name, its C# body over a range of blocks and
/// its device text.
/// </summary>
public abstract class KernelDescriptor
{
    private protected KernelDescriptor(string name, KernelSource? source)
    {
        Name = name;
        Source = source;
        Handle = GCHandle.Alloc(this);
    }

    /// <summary>The kernel's name, with its type arguments.</summary>
    public string Name { get; }

    /// <summary>The kernel's parameters and device text; null for one that runs on the CPU only.</summary>
    public KernelSource? Source { get; }

    /// <summary>Lets native-style worker callbacks find this object; descriptors live as long as the process.</summary>
    internal GCHandle Handle { get; }

    /// <summary>Runs blocks <paramref name="start"/> to <paramref name="end"/> (exclusive) with one lane each.</summary>
    /// <param name="kernel">The kernel struct, which is its own argument record.</param>
    /// <param name="start">First block.</param>
    /// <param name="end">One past the last block.</param>
    internal abstract unsafe void RunBlocks(void* kernel, long start, long end);

    /// <summary>The arithmetic and the traffic of a launch of the kernel struct at <paramref name="kernel"/>.</summary>
    internal abstract unsafe KernelCost Cost(void* kernel, long blocks);

    /// <summary>Lists the arguments held by the kernel struct at <paramref name="kernel"/>.</summary>
    internal abstract unsafe void Bind(void* kernel, ref KernelArguments arguments);
}

/// <summary>The descriptor of one kernel type.</summary>
/// <typeparam name="TKernel">The kernel.</typeparam>
public sealed class KernelDescriptor<TKernel> : KernelDescriptor
    where TKernel : unmanaged, IKernel
{
    private KernelDescriptor()
        : base(NameOf(typeof(TKernel)), TKernel.Source)
    {
    }

    /// <summary>The one descriptor of the kernel.</summary>
    public static KernelDescriptor<TKernel> Instance { get; } = new();

    internal override unsafe void RunBlocks(void* kernel, long start, long end)
    {
        TKernel k = *(TKernel*)kernel;
        for (long index = start; index < end; index++)
        {
            k.Execute(new Block(index));
        }
    }

    internal override unsafe KernelCost Cost(void* kernel, long blocks) => (*(TKernel*)kernel).Cost(blocks);

    internal override unsafe void Bind(void* kernel, ref KernelArguments arguments) => (*(TKernel*)kernel).Bind(ref arguments);

    private static string NameOf(Type type) =>
        type.IsGenericType
            ? $"{type.Name[..type.Name.IndexOf('`')]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>"
            : type.Name;
}
