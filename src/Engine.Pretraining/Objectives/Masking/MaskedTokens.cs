namespace Engine.Pretraining.Objectives.Masking;

/// <summary>The tokens that were chosen in one sequence, in ascending order; a buffer that is filled again and again.</summary>
/// <param name="capacity">The most there can be.</param>
public sealed class MaskedTokens(int capacity)
{
    private readonly int[] _positions = new int[capacity];
    private readonly int[] _labels = new int[capacity];
    private readonly int[] _starts = new int[capacity];
    private readonly int[] _ends = new int[capacity];

    /// <summary>Tokens chosen.</summary>
    public int Count { get; private set; }

    /// <summary>Where they stand in the sequence.</summary>
    public ReadOnlySpan<int> Positions => _positions.AsSpan(0, Count);

    /// <summary>What they were.</summary>
    public ReadOnlySpan<int> Labels => _labels.AsSpan(0, Count);

    /// <summary>The first position of each one's span.</summary>
    public ReadOnlySpan<int> SpanStarts => _starts.AsSpan(0, Count);

    /// <summary>The position after each one's span.</summary>
    public ReadOnlySpan<int> SpanEnds => _ends.AsSpan(0, Count);

    internal void Clear() => Count = 0;

    internal void Add(int position, int label, int start, int end)
    {
        (_positions[Count], _labels[Count], _starts[Count], _ends[Count]) = (position, label, start, end);
        Count++;
    }
}
