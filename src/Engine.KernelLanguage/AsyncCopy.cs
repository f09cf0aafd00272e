using System.Runtime.CompilerServices;

namespace Engine.KernelLanguage;

/// <summary>
/// Copies from device memory to shared memory that go on while the lane computes: NVIDIA's <c>cp.async</c> (sm_80 and newer), which
/// needs no register on the way. A lane starts copies, closes a group with <see cref="Commit"/>, and waits for groups in order; a barrier
/// then shows every lane what all have copied. Elsewhere, and in C#, a copy is done when it is started.
/// </summary>
public static class AsyncCopy
{
    /// <summary>16-bit numbers of one copy: 16 bytes, the widest there is.</summary>
    public const int Chunk = 8;

    /// <summary>tile[at + n] = from[index + n] for n in 0 … 7, or zeros if <paramref name="inside"/> is false, when nothing is read.</summary>
    /// <typeparam name="T">A type of 16 bits.</typeparam>
    /// <param name="tile">Shared memory.</param>
    /// <param name="at">Where the numbers go; a multiple of <see cref="Chunk"/>.</param>
    /// <param name="from">Device memory at a multiple of 16 bytes.</param>
    /// <param name="index">The first number; a multiple of <see cref="Chunk"/>.</param>
    /// <param name="inside">Whether there is something to read.</param>
    [Intrinsic("eng_copy_chunk", "eng_copy_chunk")]
    public static void Start<T>(Span<T> tile, int at, View<T> from, long index, bool inside)
        where T : unmanaged
    {
        for (int n = 0; n < Chunk; n++)
        {
            tile[at + n] = inside ? from[index + n] : Unsafe.BitCast<ushort, T>(0);
        }
    }

    /// <summary>Closes the group of the copies that this lane has started since the last.</summary>
    [Intrinsic("eng_copy_commit", "eng_copy_commit")]
    public static void Commit()
    {
        // What has been started is done.
    }

    /// <summary>Waits until all groups of this lane but the latest are done.</summary>
    [Intrinsic("eng_copy_wait_but_latest", "eng_copy_wait_but_latest")]
    public static void WaitButLatest()
    {
        // What has been started is done.
    }

    /// <summary>Waits until all groups of this lane are done.</summary>
    [Intrinsic("eng_copy_wait", "eng_copy_wait")]
    public static void Wait()
    {
        // What has been started is done.
    }
}
