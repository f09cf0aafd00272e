using Engine.Kernels;

namespace Engine;

/// <summary>
/// A block of scores in the SIMD attention: queries from FirstQuery on against keys from FirstKey on, at most <see cref="Size"/> of
/// each, and which of them see each other. Row and column numbers here count from the block's corner.
/// </summary>
internal readonly struct AttentionBlock
{
    /// <summary>Queries and keys of a block: 64 × 64 scores and their operands stay in the nearest caches.</summary>
    public const int Size = 64;

    public AttentionBlock(in AttentionShape shape, int firstQuery, int firstKey)
    {
        FirstQuery = firstQuery;
        FirstKey = firstKey;
        Queries = Math.Min(Size, shape.Tq - firstQuery);
        Keys = Math.Min(Size, shape.Tk - firstKey);
        Delta = firstQuery + shape.Tk - shape.Tq - firstKey;
        Window = shape.Window;
        CutsFuture = shape.LooksBack && Delta < Keys - 1;
        CutsPast = Window > 0 && Queries + Delta > Window;
    }

    public int FirstQuery { get; }

    public int FirstKey { get; }

    public int Queries { get; }

    public int Keys { get; }

    /// <summary>Query i is level with key i + Delta.</summary>
    public int Delta { get; }

    public int Window { get; }

    /// <summary>Whether some query stands before some key and may not see it.</summary>
    public bool CutsFuture { get; }

    /// <summary>Whether some key has left the window of some query.</summary>
    public bool CutsPast { get; }

    /// <summary>The blocks of keys that queries of the block starting at <paramref name="firstQuery"/> see.</summary>
    public static void KeyBlocks(in AttentionShape shape, int firstQuery, out int start, out int end)
    {
        start = shape.FirstKey(firstQuery) / Size * Size;
        end = shape.EndKey(Math.Min(shape.Tq, firstQuery + Size) - 1);
    }

    /// <summary>The keys that at least one of <paramref name="count"/> queries sees.</summary>
    public void KeysOf(int query, int count, out int start, out int end)
    {
        start = CutsPast ? Math.Clamp(query + Delta - Window + 1, 0, Keys) : 0;
        end = CutsFuture ? Math.Clamp(query + count + Delta, 0, Keys) : Keys;
    }

    /// <summary>The queries that see at least one of <paramref name="count"/> keys.</summary>
    public void QueriesOf(int key, int count, out int start, out int end)
    {
        start = CutsFuture ? Math.Clamp(key - Delta, 0, Queries) : 0;
        end = CutsPast ? Math.Clamp(key + count - 1 - Delta + Window, 0, Queries) : Queries;
    }
}
