using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>
/// A block of scores in the SIMD attention: queries from FirstQuery on against keys from FirstKey on, at most <see cref="Size"/> of
/// each, and which of them see each other. Row and column numbers here count from the block's corner.
/// </summary>
internal readonly unsafe struct AttentionBlock
{
    /// <summary>Queries and keys of a block: 64 × 64 scores and their operands stay in the nearest caches.</summary>
    public const int Size = 64;

    private readonly bool _looksBack;

    // First key and one past the last of each of the block's queries; null if the shape alone decides.
    private readonly int* _ranges;

    /// <param name="shape">All queries and keys.</param>
    /// <param name="firstQuery">The block's corner.</param>
    /// <param name="firstKey">The same for keys.</param>
    /// <param name="ranges">What all queries of the batch see, (Tq, 2); null if the shape alone decides.</param>
    public AttentionBlock(in AttentionShape shape, int firstQuery, int firstKey, int* ranges)
    {
        _looksBack = shape.LooksBack;
        _ranges = ranges == null ? null : ranges + (2L * firstQuery);
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

    /// <summary>Whether each query has a range of its own.</summary>
    public bool HasRanges => _ranges != null;

    /// <summary>The ranges of a batch's queries, (Tq, 2), or null.</summary>
    public static int* RangesOf(View<int> ranges, in AttentionShape shape, int batch) =>
        ranges.Exists ? ranges.Pointer + (2L * batch * shape.Tq) : null;

    /// <summary>The blocks of keys that queries of the block starting at <paramref name="firstQuery"/> see.</summary>
    public static void KeyBlocks(in AttentionShape shape, int firstQuery, int* ranges, out int start, out int end)
    {
        int endQuery = Math.Min(shape.Tq, firstQuery + Size);
        start = shape.FirstKey(firstQuery);
        end = shape.EndKey(endQuery - 1);
        if (ranges != null)
        {
            Hull(ranges, firstQuery, endQuery, out int first, out int last);
            start = Math.Max(start, first);
            end = Math.Min(end, last);
        }

        start = start / Size * Size;
    }

    /// <summary>Writes what AttentionCut reads of ranges: for each query of a block the first and the last key, counted from its corner.</summary>
    /// <param name="first">Size numbers.</param>
    /// <param name="last">Size numbers.</param>
    public void StoreRanges(float* first, float* last)
    {
        for (int i = 0; i < Size && HasRanges; i++)
        {
            (int start, int end) = i < Queries ? (_ranges[2 * i] - FirstKey, _ranges[(2 * i) + 1] - FirstKey) : (0, 0);
            first[i] = Math.Clamp(Window > 0 ? Math.Max(start, i + Delta - Window + 1) : start, 0, Size);
            last[i] = Math.Clamp(_looksBack ? Math.Min(end - 1, i + Delta) : end - 1, -1, Size);
        }
    }

    /// <summary>The keys that at least one of <paramref name="count"/> queries sees.</summary>
    public void KeysOf(int query, int count, out int start, out int end)
    {
        start = CutsPast ? Math.Clamp(query + Delta - Window + 1, 0, Keys) : 0;
        end = CutsFuture ? Math.Clamp(query + count + Delta, 0, Keys) : Keys;
        if (HasRanges)
        {
            Hull(_ranges, query, Math.Min(Queries, query + count), out int first, out int last);
            start = Math.Clamp(first - FirstKey, start, Keys);
            end = Math.Clamp(last - FirstKey, 0, end);
            start = Math.Min(start, end);
        }
    }

    /// <summary>The queries that see at least one of <paramref name="count"/> keys.</summary>
    public void QueriesOf(int key, int count, out int start, out int end)
    {
        start = CutsFuture ? Math.Clamp(key - Delta, 0, Queries) : 0;
        end = CutsPast ? Math.Clamp(key + count - 1 - Delta + Window, 0, Queries) : Queries;
        if (HasRanges)
        {
            while (start < end && !Sees(start, key, count))
            {
                start++;
            }

            while (end > start && !Sees(end - 1, key, count))
            {
                end--;
            }
        }
    }

    private static void Hull(int* ranges, int query, int endQuery, out int first, out int end)
    {
        first = int.MaxValue;
        end = 0;
        for (int i = query; i < endQuery; i++)
        {
            first = Math.Min(first, ranges[2 * i]);
            end = Math.Max(end, ranges[(2 * i) + 1]);
        }
    }

    private bool Sees(int query, int key, int count) =>
        _ranges[2 * query] < FirstKey + key + count && _ranges[(2 * query) + 1] > FirstKey + key;
}
