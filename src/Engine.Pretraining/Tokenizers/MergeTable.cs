namespace Engine.Pretraining.Tokenizers;

/// <summary>
/// Merges by pair, and their application: of all neighbours that are a known pair the one of the lowest rank (at the
/// left-most place) is merged first, until none is left (Sennrich et al. 2016).
/// </summary>
internal sealed class MergeTable
{
    /// <summary>Up to this length a search of all pairs for each merge beats a queue.</summary>
    private const int Short = 64;

    private const int None = int.MaxValue;
    private readonly ulong[] _keys;
    private readonly int[] _ranks;
    private readonly int[] _made;
    private readonly int _shift;

    /// <param name="merges">In order of rank.</param>
    /// <param name="made">The token that each merge makes.</param>
    /// <param name="ranks">The rank of each, ascending; null: each merge has its own.</param>
    public MergeTable(IReadOnlyList<Merge> merges, int[] made, int[]? ranks = null)
    {
        int size = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(4, 2 * merges.Count));
        (_keys, _ranks, _made) = (new ulong[size], new int[size], new int[size]);
        _shift = 64 - System.Numerics.BitOperations.Log2((uint)size);
        Array.Fill(_ranks, None);
        for (int i = 0; i < merges.Count; i++)
        {
            ulong key = Key(merges[i].Left, merges[i].Right);
            int slot = Find(key);

            // A pair that a file lists twice keeps its first rank.
            if (_ranks[slot] == None)
            {
                (_keys[slot], _ranks[slot], _made[slot]) = (key, ranks is null ? i : ranks[i], made[i]);
            }
        }
    }

    /// <summary>Merges tokens in place.</summary>
    /// <returns>How many are left, at the front.</returns>
    public int Apply(Span<int> tokens) => tokens.Length <= Short ? ApplyShort(tokens) : ApplyLong(tokens);

    private int ApplyShort(Span<int> tokens)
    {
        // ranks[i] is that of the pair (i, i + 1).
        Span<int> ranks = stackalloc int[Short];
        int count = tokens.Length;
        for (int i = 0; i + 1 < count; i++)
        {
            ranks[i] = Rank(tokens[i], tokens[i + 1]);
        }

        while (count > 1)
        {
            int best = 0;
            for (int i = 1; i + 1 < count; i++)
            {
                best = ranks[i] < ranks[best] ? i : best;
            }

            if (ranks[best] == None)
            {
                break;
            }

            tokens[best] = _made[Find(Key(tokens[best], tokens[best + 1]))];
            tokens[(best + 2)..count].CopyTo(tokens[(best + 1)..]);
            ranks[(best + 1)..(count - 1)].CopyTo(ranks[best..]);
            count--;
            if (best > 0)
            {
                ranks[best - 1] = Rank(tokens[best - 1], tokens[best]);
            }

            if (best + 1 < count)
            {
                ranks[best] = Rank(tokens[best], tokens[best + 1]);
            }
        }

        return count;
    }

    /// <summary>As <see cref="ApplyShort"/> with a queue: a piece of a million letters is no trap.</summary>
    private int ApplyLong(Span<int> tokens)
    {
        const int Gone = -1;
        int count = tokens.Length;
        int[] previous = new int[count];
        int[] next = new int[count];
        PriorityQueue<int, (int Rank, int Place)> queue = new();
        for (int i = 0; i < count; i++)
        {
            (previous[i], next[i]) = (i - 1, i + 1);
            Queue(tokens, i, i + 1);
        }

        while (queue.TryDequeue(out int place, out (int Rank, int Place) entry))
        {
            int right = next[place];
            if (tokens[place] == Gone || right == count || Rank(tokens[place], tokens[right]) != entry.Rank)
            {
                continue;
            }

            tokens[place] = _made[Find(Key(tokens[place], tokens[right]))];
            tokens[right] = Gone;
            next[place] = next[right];
            if (next[place] < count)
            {
                previous[next[place]] = place;
            }

            Queue(tokens, previous[place], place);
            Queue(tokens, place, next[place]);
        }

        int left = 0;
        for (int i = 0; i < count; i = next[i])
        {
            tokens[left++] = tokens[i];
        }

        return left;

        void Queue(Span<int> all, int a, int b)
        {
            int rank = a >= 0 && b < count ? Rank(all[a], all[b]) : None;
            if (rank != None)
            {
                queue.Enqueue(a, (rank, a));
            }
        }
    }

    private int Rank(int left, int right) => _ranks[Find(Key(left, right))];

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private int Find(ulong key)
    {
        // Multiplicative hashing (Knuth, The Art of Computer Programming 6.4) with linear probing.
        int slot = (int)((key * 0x9E3779B97F4A7C15) >> _shift);
        while (_keys[slot] != key && _ranks[slot] != None)
        {
            slot = (slot + 1) & (_keys.Length - 1);
        }

        return slot;
    }
}
