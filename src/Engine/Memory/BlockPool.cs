using System.Numerics;

namespace Engine;

/// <summary>
/// Free blocks of one device by size class: four classes to each power of two, so that at most a fifth is wasted. A
/// training step asks for the same sizes again and again, so after the first step nothing reaches the driver.
/// </summary>
internal sealed class BlockPool
{
    private const int MinBits = 8;
    private readonly Stack<Storage>?[] _free = new Stack<Storage>?[4 * 64];

    /// <summary>Bytes that wait here for reuse.</summary>
    public long PooledBytes { get; private set; }

    /// <summary>The size class that holds <paramref name="bytes"/>, and its capacity.</summary>
    public static int ClassOf(long bytes, out long capacity)
    {
        if (bytes <= 1L << MinBits)
        {
            capacity = 1L << MinBits;
            return 0;
        }

        int bits = 63 - BitOperations.LeadingZeroCount((ulong)(bytes - 1));
        long quarter = 1L << (bits - 2);
        long parts = (bytes - (1L << bits) + quarter - 1) / quarter;
        capacity = (1L << bits) + (parts * quarter);
        return (int)(((bits - MinBits) * 4) + parts);
    }

    /// <summary>Takes a free block of the class, if there is one.</summary>
    public Storage? Take(int sizeClass)
    {
        if (_free[sizeClass] is not { Count: > 0 } stack)
        {
            return null;
        }

        Storage storage = stack.Pop();
        PooledBytes -= storage.Capacity;
        return storage;
    }

    /// <summary>Keeps a block for the next request of its class.</summary>
    public void Put(Storage storage)
    {
        (_free[ClassOf(storage.Capacity, out _)] ??= new Stack<Storage>()).Push(storage);
        PooledBytes += storage.Capacity;
    }

    /// <summary>Hands out every pooled block once, to be given back to the driver.</summary>
    public IEnumerable<Storage> Drain()
    {
        foreach (Stack<Storage>? stack in _free)
        {
            while (stack is { Count: > 0 })
            {
                Storage storage = stack.Pop();
                PooledBytes -= storage.Capacity;
                yield return storage;
            }
        }
    }
}
