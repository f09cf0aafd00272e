namespace Engine.Nn;

/// <summary>
/// Keys and values of many sequences of unequal length that come and go, for serving (Kwon et al., "Efficient memory management for large
/// language model serving with PagedAttention", 2023). Memory is handed out in pages of <see cref="PageSize"/> tokens, as many as a sequence
/// can need and not as many as the model could read; a sequence's pages lie side by side, so that attention needs only a range of keys for
/// each query and no table. One pass takes tokens of any sequences, new prompts and single tokens together, in one row without padding:
/// <code>
/// KeyValueSpan a = pool.Reserve(100)!;
/// pool.Schedule(step, [(a, prompt.Length), (b, 1)]);
/// hidden = model.Hidden(ids, pool);                  // ids (1, N): a's prompt, then b's next token
/// </code>
/// </summary>
public sealed class KeyValuePool : KeyValueStore
{
    /// <summary>Tokens of a page.</summary>
    public const int PageSize = 64;

    private readonly int _window;
    private readonly List<(int First, int Count)> _free = [];
    private readonly List<(KeyValueSpan Span, int Tokens)> _pass = [];
    private int[] _positionValues = [];
    private int[] _rangeValues = [];
    private Tensor _positions;
    private Tensor _ranges;
    private int _scheduled;
    private long _passes;

    /// <summary>An empty pool.</summary>
    /// <param name="device">Where it lives.</param>
    /// <param name="layers">Layers of the decoder, L.</param>
    /// <param name="heads">Heads of the keys, Hk.</param>
    /// <param name="capacity">Tokens that fit, of all sequences together; rounded up to whole pages.</param>
    /// <param name="headSize">D.</param>
    /// <param name="window">If positive, a token sees only the last so many (Mistral).</param>
    /// <param name="dtype">The type of the model's activations.</param>
    /// <exception cref="EngineException">A size is not positive.</exception>
    public KeyValuePool(Device device, int layers, int heads, int capacity, int headSize, int window = 0, DType dtype = DType.Float32)
        : base(device, layers, 1, heads, Pages(capacity) * PageSize, headSize, dtype)
    {
        _window = window;
        _free.Add((0, Pages(capacity)));
    }

    /// <summary>Tokens that the free pages hold.</summary>
    public int FreeTokens => _free.Sum(f => f.Count) * PageSize;

    /// <inheritdoc/>
    public override int Past => 0;

    /// <inheritdoc/>
    public override Tensor Positions => _positions;

    /// <summary>Room for a sequence of at most <paramref name="tokens"/> tokens; null if there is none now.</summary>
    public KeyValueSpan? Reserve(int tokens)
    {
        int pages = Math.Max(1, Pages(tokens));
        int at = _free.FindIndex(f => f.Count >= pages);
        if (at < 0)
        {
            return null;
        }

        (int first, int count) = _free[at];
        _free[at] = (first + pages, count - pages);
        if (count == pages)
        {
            _free.RemoveAt(at);
        }

        return new KeyValueSpan(first * PageSize, pages * PageSize);
    }

    /// <summary>Gives a sequence's pages back.</summary>
    public void Release(KeyValueSpan span)
    {
        ArgumentNullException.ThrowIfNull(span);
        if (span.Released)
        {
            return;
        }

        span.Released = true;
        int first = span.First / PageSize;
        int at = _free.FindIndex(f => f.First > first);
        at = at < 0 ? _free.Count : at;
        _free.Insert(at, (first, span.Capacity / PageSize));
        for (int i = Math.Min(at + 1, _free.Count - 1); i >= Math.Max(1, at); i--)
        {
            if (_free[i - 1].First + _free[i - 1].Count == _free[i].First)
            {
                _free[i - 1] = (_free[i - 1].First, _free[i - 1].Count + _free[i].Count);
                _free.RemoveAt(i);
            }
        }
    }

    /// <summary>Says whose tokens the next pass reads: as many of each sequence as given, in this order.</summary>
    /// <param name="step">The pass's step.</param>
    /// <param name="pass">Sequences, each at most once, and their new tokens, at least one each.</param>
    /// <exception cref="EngineException">A sequence has no room for its tokens, has been released, or is there twice.</exception>
    public void Schedule(StepScope step, IReadOnlyList<(KeyValueSpan Span, int Tokens)> pass)
    {
        ArgumentNullException.ThrowIfNull(step);
        _pass.Clear();
        _scheduled = 0;
        _passes++;
        foreach ((KeyValueSpan span, int tokens) in pass)
        {
            if (span.Released || tokens < 1 || span.Length + tokens > span.Capacity)
            {
                throw new EngineException(span.Released
                    ? $"{Op}: a sequence was released and cannot go on."
                    : $"{Op}: {span.Length} tokens of a sequence are there and {tokens} more do not fit into {span.Capacity}.");
            }

            if (span.Pass == _passes)
            {
                throw new EngineException($"{Op}: a sequence is scheduled twice in one pass; give all its tokens at once.");
            }

            span.Pass = _passes;
            _pass.Add((span, tokens));
            _scheduled += tokens;
        }

        if (_positionValues.Length < _scheduled)
        {
            (_positionValues, _rangeValues) = (new int[2 * _scheduled], new int[4 * _scheduled]);
        }

        int at = 0;
        foreach ((KeyValueSpan span, int tokens) in _pass)
        {
            for (int p = span.Length; p < span.Length + tokens; p++)
            {
                int seen = _window > 0 ? Math.Max(0, p - _window + 1) : 0;
                _positionValues[at] = p;
                (_rangeValues[2 * at], _rangeValues[(2 * at) + 1]) = (span.First + seen, span.First + p + 1);
                at++;
            }
        }

        _positions = step.From<int>(_positionValues.AsSpan(0, _scheduled), [_scheduled]);
        _ranges = step.From<int>(_rangeValues.AsSpan(0, 2 * _scheduled), [1, _scheduled, 2]);
    }

    /// <inheritdoc/>
    public override void Append(int layer, Tensor k, Tensor v, out Tensor keys, out Tensor values)
    {
        CheckTokens(k);
        if (k.Shape[2] != _scheduled)
        {
            Check.Fail(Op, $"k {k.Shape} has {k.Shape[2]} tokens and {_scheduled} are scheduled; call Schedule before each pass.", k);
        }

        int at = 0;
        foreach ((KeyValueSpan span, int tokens) in _pass)
        {
            using Tensor newKeys = k.Slice(2, at, at + tokens);
            using Tensor newValues = v.Slice(2, at, at + tokens);
            Store(layer, newKeys, newValues, span.First + span.Length);
            at += tokens;
        }

        Read(layer, Capacity, k.Scope, out keys, out values);
    }

    /// <inheritdoc/>
    public override AttentionOptions Visible(in AttentionOptions mask) => mask.Bias.IsDefined
        ? throw new EngineException($"{Op}: a bias of scores (ALiBi) goes by the places of a single sequence; sequences of unequal length need other positions.")
        : new AttentionOptions(Scale: mask.Scale, KeyRanges: _ranges);

    /// <inheritdoc/>
    public override void Advance(int tokens)
    {
        foreach ((KeyValueSpan span, int count) in _pass)
        {
            span.Length += count;
        }

        _pass.Clear();
        _scheduled = 0;
        (_positions, _ranges) = (default, default);
    }

    private static int Pages(int tokens) => (tokens + PageSize - 1) / PageSize;
}
