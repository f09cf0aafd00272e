using Engine.Pretraining.Logs;

namespace Engine.Pretraining.Tokenizers;

/// <summary>Two neighbouring tokens that become one.</summary>
/// <param name="Left">Id of the first.</param>
/// <param name="Right">Id of the second.</param>
internal readonly record struct Merge(int Left, int Right);

/// <summary>
/// Learns merges (Sennrich et al. 2016, "Neural Machine Translation of Rare Words with Subword Units"): again and again the
/// most frequent pair of neighbours becomes a token; among equals the smallest (left id, right id). Pairs overlap when they
/// are counted (aaa has aa twice) and not when they are merged. Each merge visits only the places where its pair stands, so
/// the time grows with the merged places and not with words × merges.
/// </summary>
internal sealed class MergeTrainer
{
    private const int Boundary = -1;
    private const int Merged = -2;

    /// <summary>All words in one row, a boundary before and after each. A token stands where it begins.</summary>
    private readonly List<int> _tokens = [Boundary];

    /// <summary>Length of a token, where it begins and where it ends: neighbours are found in both directions.</summary>
    private readonly List<int> _lengths = [1];

    private readonly List<int> _words = [0];
    private readonly List<long> _counts = [0];
    private readonly Dictionary<ulong, Pair> _pairs = [];
    private readonly PriorityQueue<Pair, (long Count, ulong Key)> _queue = new(
        Comparer<(long Count, ulong Key)>.Create((a, b) => a.Count != b.Count ? b.Count.CompareTo(a.Count) : a.Key.CompareTo(b.Key)));

    private readonly List<Pair> _new = [];

    /// <summary>Adds a word.</summary>
    /// <param name="tokens">Ids of its characters or bytes.</param>
    /// <param name="count">How often it occurs.</param>
    public void Add(ReadOnlySpan<int> tokens, long count)
    {
        foreach (int token in tokens)
        {
            Place(token);
        }

        Place(Boundary);
        _counts.Add(count);
    }

    /// <summary>The merges, in order; merge number i makes the token <paramref name="firstId"/> + i. Can be called once.</summary>
    /// <param name="firstId">Id of the first new token, greater than all there are.</param>
    /// <param name="most">The most merges.</param>
    /// <param name="minFrequency">A pair that occurs less often is not merged.</param>
    /// <param name="progress">Told how far it is; null for nobody.</param>
    public List<Merge> Train(int firstId, int most, long minFrequency, IProgress<WorkDone>? progress = null)
    {
        CountPairs();
        Queue(minFrequency);
        List<Merge> merges = [];
        while (merges.Count < most && _queue.TryDequeue(out Pair? pair, out (long Count, ulong Key) entry))
        {
            if (pair.Count == entry.Count)
            {
                Merge merge = new((int)(pair.Key >> 32), (int)pair.Key);
                Apply(pair, merge, firstId + merges.Count);
                merges.Add(merge);
                progress?.Report(new WorkDone("learning merges", merges.Count, most, "merges"));
                Queue(minFrequency);
            }
            else if (pair.Count >= minFrequency)
            {
                // Merges of others have taken some of its places since it was queued.
                _queue.Enqueue(pair, (pair.Count, pair.Key));
            }
        }

        return merges;
    }

    private void Place(int token)
    {
        _tokens.Add(token);
        _lengths.Add(1);
        _words.Add(_counts.Count);
    }

    private void CountPairs()
    {
        for (int at = 1; at < _tokens.Count; at++)
        {
            Change(_tokens[at - 1], _tokens[at], _counts[_words[at]], at - 1);
        }
    }

    /// <summary>New pairs wait in the queue if they are frequent enough; they will never occur more often than now.</summary>
    private void Queue(long minFrequency)
    {
        foreach (Pair pair in _new)
        {
            if (pair.Count >= minFrequency)
            {
                _queue.Enqueue(pair, (pair.Count, pair.Key));
            }
            else
            {
                _pairs.Remove(pair.Key);
            }
        }

        _new.Clear();
    }

    private void Apply(Pair pair, Merge merge, int made)
    {
        _pairs.Remove(pair.Key);
        foreach (int at in pair.Places)
        {
            int next = at + _lengths[at];
            if (_tokens[at] != merge.Left || _tokens[next] != merge.Right)
            {
                continue;
            }

            int before = at - _lengths[at - 1];
            int after = next + _lengths[next];
            long count = _counts[_words[at]];
            Change(_tokens[before], merge.Left, -count);
            Change(merge.Right, _tokens[after], -count);
            Change(_tokens[before], made, count, before);
            Change(made, _tokens[after], count, at);
            _tokens[at] = made;
            _tokens[next] = Merged;
            _lengths[at] = _lengths[after - 1] = after - at;
        }
    }

    /// <summary>A pair occurs more or less often; a place is where it occurs now.</summary>
    private void Change(int left, int right, long by, int place = -1)
    {
        if (left == Boundary || right == Boundary)
        {
            return;
        }

        ulong key = ((ulong)(uint)left << 32) | (uint)right;
        if (!_pairs.TryGetValue(key, out Pair? pair))
        {
            if (place < 0)
            {
                return;
            }

            _pairs.Add(key, pair = new Pair(key));
            _new.Add(pair);
        }

        pair.Count += by;
        if (place >= 0)
        {
            pair.Places.Add(place);
        }
    }

    private sealed class Pair(ulong key)
    {
        public ulong Key => key;

        public long Count { get; set; }

        /// <summary>Where it stood when it was counted, from left to right; some are gone by the time it is merged.</summary>
        public List<int> Places { get; } = [];
    }
}
