using Engine.KernelLanguage;

namespace Engine;

/// <summary>
/// What is wrong with a launch, said before it happens. Made once for a loaded program; checking allocates nothing unless it
/// fails.
/// </summary>
internal sealed unsafe class LaunchChecks
{
    private readonly string _kernel;
    private readonly string _device;
    private readonly long _maxBlocks;
    private readonly KernelParameter[] _parameters;
    private readonly int[] _unaliased;

    /// <summary>The checks of a kernel.</summary>
    /// <param name="kernel">The kernel; it has device text.</param>
    /// <param name="device">The device's name.</param>
    /// <param name="maxBlocks">The largest grid of the device.</param>
    public LaunchChecks(KernelDescriptor kernel, string device, long maxBlocks)
    {
        _kernel = kernel.Name;
        _device = device;
        _maxBlocks = maxBlocks;

        // Specialised parameters are part of the program and no arguments of it.
        _parameters = [.. SourceOf(kernel, device).Parameters.Where(p => !p.IsSpecialized)];
        _unaliased = [.. Enumerable.Range(0, _parameters.Length).Where(i => _parameters[i] is { IsUnaliased: true, IsView: true })];
    }

    /// <summary>The device text of a kernel.</summary>
    /// <exception cref="EngineException">It has none: it runs on the CPU only.</exception>
    public static KernelSource SourceOf(KernelDescriptor kernel, string device) => kernel.Source ?? throw new EngineException(
        $"{kernel.Name}: this kernel has no device text and cannot run on {device}; mark its struct [Kernel] and partial, or use the device cpu.");

    /// <summary>Lanes of a block: what the kernel asks for, or <paramref name="preferred"/>, which is cut down to what the device has.</summary>
    /// <exception cref="EngineException">The kernel asks for more than the device has.</exception>
    public static int Lanes(KernelDescriptor kernel, string device, int preferred, int max)
    {
        int asked = SourceOf(kernel, device).Lanes;
        return asked <= max
            ? asked > 0 ? asked : Math.Min(preferred, max)
            : throw new EngineException($"{kernel.Name}: asks for blocks of {asked} lanes, but {device} has at most {max} a block.");
    }

    /// <summary>Shared memory of a block is within what the device has.</summary>
    /// <exception cref="EngineException">It is not.</exception>
    public static void SharedMemory(KernelDescriptor kernel, string device, long bytes, long max)
    {
        if (bytes > max)
        {
            throw new EngineException(
                $"{kernel.Name}: a block takes {Bytes.Format(bytes)} of shared memory, but {device} has {Bytes.Format(max)} a block; use a smaller tile.");
        }
    }

    /// <summary>The grid fits the device, and no view overlaps one that must stand alone.</summary>
    /// <exception cref="EngineException">Says what does not fit.</exception>
    public void Launch(in KernelArguments arguments, long blocks)
    {
        if (blocks > _maxBlocks)
        {
            throw new EngineException($"{_kernel}: a grid of {blocks} blocks is too large: {_device} takes at most {_maxBlocks}; split the tensor.");
        }

        if (arguments.Count != _parameters.Length)
        {
            throw new EngineException($"{_kernel}: {arguments.Count} arguments are bound, but the kernel has {_parameters.Length}.");
        }

        foreach (int i in _unaliased)
        {
            for (int other = 0; other < arguments.Count; other++)
            {
                if (other != i && Overlap(arguments[i], arguments[other]))
                {
                    throw new EngineException(
                        $"{_kernel}: {_parameters[i].Name} and {_parameters[other].Name} overlap in memory, but {_parameters[i].Name} must not share memory " +
                        $"with another argument [{_device}]; pass a copy of one.");
                }
            }
        }
    }

    private static bool Overlap(in KernelArguments.Entry a, in KernelArguments.Entry b)
    {
        if (!a.IsView || !b.IsView || a.ViewBytes == 0 || b.ViewBytes == 0)
        {
            return false;
        }

        long startA = *(long*)a.Value;
        long startB = *(long*)b.Value;
        return startA < startB + b.ViewBytes && startB < startA + a.ViewBytes;
    }
}
