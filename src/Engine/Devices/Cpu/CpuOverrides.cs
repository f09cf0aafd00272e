using Engine.KernelLanguage;

namespace Engine;

/// <summary>
/// Faster CPU bodies for hot kernels, by descriptor. An override computes exactly what its kernel's body computes, for
/// the same arguments; parity tests hold the two together.
/// </summary>
internal sealed unsafe class CpuOverrides
{
    private readonly Dictionary<KernelDescriptor, nint> _functions = [];

    /// <summary>The kernels that have an override at this level.</summary>
    public IReadOnlyCollection<KernelDescriptor> Kernels => _functions.Keys;

    /// <summary>
    /// Registers the override of <typeparamref name="TKernel"/>. It does its own splitting over the workers, and returns false,
    /// having done nothing, for arguments it has no fast way for: the kernel's body runs then.
    /// </summary>
    public void Add<TKernel>(delegate*<in TKernel, CpuWorkers, bool> function)
        where TKernel : unmanaged, IKernel =>
        _functions.Add(KernelDescriptor<TKernel>.Instance, (nint)function);

    /// <summary>Runs the override of a kernel, if it has one.</summary>
    public bool TryRun(KernelDescriptor kernel, void* arguments, CpuWorkers workers) =>
        _functions.TryGetValue(kernel, out nint function)
            && ((delegate*<void*, CpuWorkers, bool>)function)(arguments, workers);
}
