using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Engine.Testing;

/// <summary>A kernel compiled for the host by <see cref="HostCompiler"/>.</summary>
internal sealed unsafe class HostLibrary
{
    private static readonly ConcurrentDictionary<string, HostLibrary> Opened = new();
    private readonly delegate* unmanaged<void**, long, int> _run;

    private HostLibrary(string path)
    {
        nint handle = NativeLibrary.Load(path);
        _run = (delegate* unmanaged<void**, long, int>)NativeLibrary.GetExport(handle, "eng_host_run");
    }

    public static HostLibrary Open(string path) => Opened.GetOrAdd(path, p => new HostLibrary(p));

    /// <summary>Runs every block of a launch, one after the other. The library's shared memory is one for all, so launches take turns.</summary>
    public void Run(FakeLaunch launch)
    {
        void** parameters = stackalloc void*[Math.Max(1, launch.Arguments.Length)];
        GCHandle[] pins = [.. launch.Arguments.Select(a => GCHandle.Alloc(a, GCHandleType.Pinned))];
        for (int i = 0; i < pins.Length; i++)
        {
            parameters[i] = (void*)pins[i].AddrOfPinnedObject();
        }

        lock (this)
        {
            int status = _run(parameters, launch.Blocks);
            if (status != 0)
            {
                throw new InvalidOperationException($"{launch.Kernel}: lanes wait for lanes that have ended");
            }
        }

        Array.ForEach(pins, pin => pin.Free());
    }
}
