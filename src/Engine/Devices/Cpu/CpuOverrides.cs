using Engine.KernelLanguage;

namespace Engine;

/// <summary>
/// Faster CPU bodies for hot kernels, by descriptor. An override computes exactly what its kernel's body computes, for
/// the same arguments; parity tests hold the two together.
/// </summary>
internal sealed unsafe class CpuOverrides
{
    private readonly Dictionary<KernelDescriptor, Override> _functions = [];

    /// <summary>The kernels that have an override at this level.</summary>
    public IReadOnlyCollection<KernelDescriptor> Kernels => _functions.Keys;

    /// <summary>
    /// Registers the override of <typeparamref name="TKernel"/>. It does its own splitting over the workers, and returns false,
    /// having done nothing, for arguments it has no fast way for: the kernel's body runs then.
    /// </summary>
    public void Add<TKernel>(delegate*<in TKernel, CpuWorkers, bool> function)
        where TKernel : unmanaged, IKernel =>
        _functions.Add(KernelDescriptor<TKernel>.Instance, new((nint)function, TakesBlocks: false));

    /// <summary>The same for an override that wants to know the number of blocks.</summary>
    public void Add<TKernel>(delegate*<in TKernel, long, CpuWorkers, bool> function)
        where TKernel : unmanaged, IKernel =>
        _functions.Add(KernelDescriptor<TKernel>.Instance, new((nint)function, TakesBlocks: true));

    /// <summary>Runs the override of a kernel, if it has one.</summary>
    public bool TryRun(KernelDescriptor kernel, void* arguments, long blocks, CpuWorkers workers) =>
        _functions.TryGetValue(kernel, out Override o)
            && (o.TakesBlocks
                ? ((delegate*<void*, long, CpuWorkers, bool>)o.Function)(arguments, blocks, workers)
                : ((delegate*<void*, CpuWorkers, bool>)o.Function)(arguments, workers));

    private readonly record struct Override(nint Function, bool TakesBlocks);
}
