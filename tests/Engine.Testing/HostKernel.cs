using System.Runtime.InteropServices;
using Engine.KernelLanguage;

namespace Engine.Testing;

/// <summary>
/// Runs a kernel whose views are windows on host memory on any device: copies the memory there, moves the views, launches,
/// and copies the memory back.
/// </summary>
public static class HostKernel
{
    /// <summary>Runs the kernel and waits for it.</summary>
    /// <param name="device">Where to run.</param>
    /// <param name="kernel">The kernel, bound to host memory.</param>
    /// <param name="blocks">The size of the grid.</param>
    /// <param name="memory">Every range that a view of the kernel may lie in: its address and bytes.</param>
    public static unsafe void Run<TKernel>(Device device, TKernel kernel, long blocks, IReadOnlyList<(nint Start, long Bytes)> memory)
        where TKernel : unmanaged, IKernel
    {
        nint[] there = new nint[memory.Count];
        Storage[] storages = new Storage[memory.Count];
        for (int i = 0; i < memory.Count; i++)
        {
            storages[i] = device.Rent(Math.Max(1, memory[i].Bytes), "kernel case");
            there[i] = storages[i].Address;
            device.CopyFromHost((void*)memory[i].Start, there[i], memory[i].Bytes);
        }

        // A kernel is its arguments, and no number among them is as large as an address: what lies in the memory is a view's.
        foreach (ref nint word in MemoryMarshal.CreateSpan(ref *(nint*)&kernel, sizeof(TKernel) / sizeof(nint)))
        {
            for (int i = 0; i < memory.Count; i++)
            {
                if (word >= memory[i].Start && word < memory[i].Start + memory[i].Bytes)
                {
                    word = word - memory[i].Start + there[i];
                    break;
                }
            }
        }

        device.Launch(kernel, blocks);
        for (int i = 0; i < memory.Count; i++)
        {
            device.CopyToHost(there[i], (void*)memory[i].Start, memory[i].Bytes);
            storages[i].Release();
        }
    }
}
