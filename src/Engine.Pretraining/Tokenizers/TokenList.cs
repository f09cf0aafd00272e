namespace Engine.Pretraining.Tokenizers;

/// <summary>Ids as they are found; grows.</summary>
internal ref struct TokenList(int capacity)
{
    private int[] _tokens = new int[capacity];

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>The last one.</summary>
    public readonly ref int Last => ref _tokens[Count - 1];

    /// <summary>All of them; valid until the next is added.</summary>
    public readonly ReadOnlySpan<int> All => _tokens.AsSpan(0, Count);

    /// <summary>Adds one.</summary>
    public void Add(int token)
    {
        if (Count == _tokens.Length)
        {
            Grow(1);
        }

        _tokens[Count++] = token;
    }

    /// <summary>Adds the lower half of a number and, if it is not −1, the upper half.</summary>
    public void AddPair(long pair)
    {
        if (Count + 2 > _tokens.Length)
        {
            Grow(2);
        }

        // Both are written, so that nothing has to be decided.
        _tokens[Count] = (int)pair;
        _tokens[Count + 1] = (int)(pair >> 32);
        Count += 2 + (int)(pair >> 63);
    }

    /// <summary>Adds several.</summary>
    public void Add(scoped ReadOnlySpan<int> tokens)
    {
        if (Count + tokens.Length > _tokens.Length)
        {
            Grow(tokens.Length);
        }

        tokens.CopyTo(_tokens.AsSpan(Count));
        Count += tokens.Length;
    }

    /// <summary>Takes back all but the first tokens.</summary>
    public void Truncate(int count) => Count = count;

    /// <summary>All of them.</summary>
    public readonly int[] ToArray() => All.ToArray();

    private void Grow(int by) => Array.Resize(ref _tokens, Math.Max(Count + by, 2 * _tokens.Length));
}
