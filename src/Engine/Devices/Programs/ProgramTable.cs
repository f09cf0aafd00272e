using System.Diagnostics.CodeAnalysis;
using Engine.KernelLanguage;

namespace Engine;

/// <summary>
/// The loaded programs of one device by kernel and specialised values. Finding one allocates nothing. Not safe for several
/// threads: a device looks up under the lock it launches under.
/// </summary>
/// <typeparam name="TProgram">What the backend calls a loaded program.</typeparam>
internal sealed class ProgramTable<TProgram>
    where TProgram : class
{
    private readonly Dictionary<KernelDescriptor, Instance[]> _kernels = [];

    /// <summary>Every program.</summary>
    public IEnumerable<TProgram> Programs => _kernels.Values.SelectMany(instances => instances).Select(instance => instance.Program);

    /// <summary>The program of a kernel for these values.</summary>
    public bool TryGet(KernelDescriptor kernel, in SpecializedValues values, [NotNullWhen(true)] out TProgram? program)
    {
        // A kernel has a handful of instances: one for each tile size or head size in use.
        if (_kernels.TryGetValue(kernel, out Instance[]? instances))
        {
            foreach (ref readonly Instance instance in instances.AsSpan())
            {
                if (instance.Values.Equals(values))
                {
                    program = instance.Program;
                    return true;
                }
            }
        }

        program = null;
        return false;
    }

    /// <summary>Adds a program that <see cref="TryGet"/> did not find.</summary>
    public void Add(KernelDescriptor kernel, in SpecializedValues values, TProgram program)
    {
        Instance[] instances = _kernels.TryGetValue(kernel, out Instance[]? known) ? known : [];
        _kernels[kernel] = [.. instances, new Instance(values, program)];
    }

    private readonly record struct Instance(SpecializedValues Values, TProgram Program);
}
