using System.Runtime.InteropServices;

namespace Engine;

/// <summary>
/// Aligned native memory. Large blocks ask Linux for pages of 2 MiB: a matrix whose rows lie in as many pages of 4 KiB costs
/// a look-up in the page tables at nearly every line, and touching fresh memory a page fault every 4 KiB. Elsewhere, or where
/// the kernel does not give them, the memory is the same, only slower.
/// </summary>
internal static unsafe partial class CpuMemory
{
    private const nuint HugePage = 2 << 20;

    // MADV_HUGEPAGE of Linux's madvise(2).
    private const int AdviseHugePages = 14;

    // A vector and a cache line.
    private const nuint Alignment = 64;

    /// <summary>Memory with arbitrary contents.</summary>
    /// <exception cref="OutOfMemoryException">There is not enough.</exception>
    public static nint Allocate(long bytes)
    {
        nuint size = (nuint)bytes;
        if (!OperatingSystem.IsLinux() || size < HugePage)
        {
            return (nint)NativeMemory.AlignedAlloc(size, Alignment);
        }

        void* block = NativeMemory.AlignedAlloc(size, HugePage);
        _ = Advise((nint)block, size / HugePage * HugePage, AdviseHugePages);
        return (nint)block;
    }

    /// <summary>Gives back what <see cref="Allocate"/> gave; nothing for 0.</summary>
    public static void Free(nint address) => NativeMemory.AlignedFree((void*)address);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);
}
