namespace Engine.Testing;

/// <summary>Managed memory that a piece of work asks for.</summary>
public static class Allocations
{
    private const int Attempts = 20;

    /// <summary>
    /// Bytes that the calling thread allocates in <paramref name="work"/>, the least of several measurements: a collection, which other tests may
    /// cause at any time, counts what is left of a thread's allocation buffer as allocated. What the work itself allocates, it allocates each time.
    /// </summary>
    public static long Of(Action work)
    {
        ArgumentNullException.ThrowIfNull(work);
        long least = long.MaxValue;
        for (int attempt = 0; attempt < Attempts && least > 0; attempt++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
