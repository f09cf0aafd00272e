using System.Runtime.Intrinsics.X86;

namespace Engine;

/// <summary>
/// When results go past the caches. A store to memory that is not in a cache first reads it, a third of a copy's traffic; a
/// streaming store does not, but whoever reads the result next finds it in memory. So only results that no cache would have kept
/// until then are streamed.
/// </summary>
internal static unsafe class Streams
{
    /// <summary>
    /// Bytes of a result from which on it is streamed: half of what the last-level cache of a present server or desktop holds, since what it
    /// was computed from has passed through the other half.
    /// </summary>
    public const long Threshold = 16L << 20;

    /// <summary>
    /// Bytes by which loops over large memory ask for what they read next. Less does not cover the time that memory takes, more of several
    /// operands no longer fits into a first-level cache of 32 or 48 KB.
    /// </summary>
    public const long Ahead = 12 << 10;

    /// <summary>Whether a result at <paramref name="y"/> of this many bytes is streamed. Streaming changes no bit of it.</summary>
    public static bool Pays(void* y, long bytes) => bytes >= Threshold && (nuint)y % 64 == 0;

    /// <summary>The same for rows that each begin a loop of their own.</summary>
    public static bool Pays(void* y, long rows, long rowBytes) => rowBytes % 64 == 0 && Pays(y, rows * rowBytes);

    /// <summary>Elements of a row of <paramref name="n"/> before the first that may be streamed; 0 if it is not to be.</summary>
    public static long Lead<T>(T* y, long n, bool stream)
        where T : unmanaged => stream ? Math.Min(n, (long)((64 - ((nuint)y % 64)) % 64) / sizeof(T)) : 0;

    /// <summary>Orders streamed stores before whatever this thread stores next, as ordinary ones are.</summary>
    public static void Fence()
    {
        if (Sse.IsSupported)
        {
            Sse.StoreFence();
        }
        else
        {
            Interlocked.MemoryBarrier();
        }
    }
}
