namespace Engine;

/// <summary>Bytes in use on one device: now, at most so far, and by what they hold. Safe to read from any thread.</summary>
public sealed class MemoryCounter
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _byTag = [];
    private long _live;
    private long _peak;

    /// <summary>Bytes held by tensors that are alive (pooled blocks that wait for reuse are not counted).</summary>
    public long LiveBytes => Interlocked.Read(ref _live);

    /// <summary>The highest value of <see cref="LiveBytes"/> since the start or <see cref="ResetPeak"/>.</summary>
    public long PeakBytes => Interlocked.Read(ref _peak);

    /// <summary>Starts measuring the peak anew from the present value.</summary>
    public void ResetPeak()
    {
        lock (_lock)
        {
            _peak = _live;
        }
    }

    /// <summary>Live bytes by tag (the op or role that made the tensor), largest first.</summary>
    public IReadOnlyList<KeyValuePair<string, long>> ByTag()
    {
        lock (_lock)
        {
            return [.. _byTag.Where(t => t.Value > 0).OrderByDescending(t => t.Value)];
        }
    }

    /// <summary>The three biggest holders, as text for an out-of-memory message.</summary>
    internal string BiggestHolders() =>
        string.Join(", ", ByTag().Take(3).Select(t => $"{t.Key} {Bytes.Format(t.Value)}"));

    internal void Add(string tag, long bytes)
    {
        lock (_lock)
        {
            _live += bytes;
            _peak = Math.Max(_peak, _live);
            System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_byTag, tag, out _) += bytes;
        }
    }
}
