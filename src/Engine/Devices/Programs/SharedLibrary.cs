using System.Runtime.InteropServices;

namespace Engine;

/// <summary>
/// A driver's shared library, opened by the first of its names that is there. It stays loaded as long as the process:
/// drivers do not like to be unloaded.
/// </summary>
internal sealed class SharedLibrary
{
    private readonly nint _handle;

    private SharedLibrary(string name, nint handle)
    {
        Name = name;
        _handle = handle;
    }

    /// <summary>The name or path it was opened by.</summary>
    public string Name { get; }

    /// <summary>The first library of <paramref name="names"/> that can be opened; null if none can.</summary>
    public static SharedLibrary? TryOpen(params IEnumerable<string> names)
    {
        foreach (string name in names)
        {
            if (NativeLibrary.TryLoad(name, out nint handle))
            {
                return new SharedLibrary(name, handle);
            }
        }

        return null;
    }

    /// <summary>The address of a function.</summary>
    /// <exception cref="EngineException">The library does not have it.</exception>
    public nint Function(string name) => Optional(name) is var address and not 0
        ? address
        : throw new EngineException($"{Name} has no function {name}: it is too old.");

    /// <summary>The address of a function; 0 if the library does not have it.</summary>
    public nint Optional(string name) => NativeLibrary.TryGetExport(_handle, name, out nint address) ? address : 0;
}
