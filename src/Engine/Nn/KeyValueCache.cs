namespace Engine.Nn;

/// <summary>
/// The keys and values of the tokens that a decoder has read, so that one more token costs one position instead of all of
/// them again (Shazeer, "Fast transformer decoding", 2019, section 2.1). Each layer has K and V (B, Hk, capacity, D) in
/// memory that outlives steps. A pass over T new tokens appends to every layer and then advances once:
/// <code>
/// cache.Append(layer, k, v, out keys, out values);   // k, v (B, Hk, T, D) → keys, values (B, Hk, Length + T, D)
/// y = q.ScaledDotProductAttention(keys, values, new(Causal: true));
/// …
/// cache.Advance(T);                                  // after the last layer
/// </code>
/// Hk may be smaller than the number of query heads (grouped-query attention). For inference only: nothing is recorded.
/// </summary>
public sealed class KeyValueCache : IDisposable
{
    private const string Op = "KeyValueCache";
    private readonly Tensor[] _keys;
    private readonly Tensor[] _values;

    /// <summary>An empty cache.</summary>
    /// <param name="device">Where it lives.</param>
    /// <param name="layers">Layers of the decoder, L.</param>
    /// <param name="batch">Sequences side by side, B; all have the same length.</param>
    /// <param name="heads">Heads of the keys, Hk.</param>
    /// <param name="capacity">Tokens that fit.</param>
    /// <param name="headSize">D.</param>
    /// <param name="dtype">The type of the model's activations.</param>
    /// <exception cref="EngineException">A size is not positive.</exception>
    public KeyValueCache(Device device, int layers, int batch, int heads, int capacity, int headSize, DType dtype = DType.Float32)
    {
        if (layers < 1 || batch < 1 || heads < 1 || capacity < 1 || headSize < 1)
        {
            throw new EngineException($"{Op}: {layers} layers of ({batch}, {heads}, {capacity}, {headSize}); expected sizes of at least 1.");
        }

        Capacity = capacity;
        Shape shape = [batch, heads, capacity, headSize];
        _keys = [.. Enumerable.Range(0, layers).Select(_ => Tensor.Empty(device, shape, dtype, tag: "keys and values"))];
        _values = [.. Enumerable.Range(0, layers).Select(_ => Tensor.Empty(device, shape, dtype, tag: "keys and values"))];
    }

    /// <summary>Tokens whose keys and values are there.</summary>
    public int Length { get; private set; }

    /// <summary>Tokens that fit.</summary>
    public int Capacity { get; }

    /// <summary>Stores the keys and values of T new tokens in one layer and gives all of them, the new ones last.</summary>
    /// <param name="layer">The layer, from 0.</param>
    /// <param name="k">Keys (B, Hk, T, D) of a step that does not record; any strides.</param>
    /// <param name="v">Values, likewise.</param>
    /// <param name="keys">(B, Hk, Length + T, D), a view of the cache as a member of k's step.</param>
    /// <param name="values">Likewise.</param>
    /// <exception cref="EngineException">The tokens do not fit, shapes or types differ, or the step records.</exception>
    public void Append(int layer, Tensor k, Tensor v, out Tensor keys, out Tensor values)
    {
        Check.Rank(Op, "k", k, 4);
        if (k.Scope is { Recording: true })
        {
            Check.Fail(Op, "keys and values are kept without their history; use a StepScope with recording: false.", k);
        }

        int end = Length + k.Shape[2];
        if (end > Capacity)
        {
            Check.Fail(Op, $"{Length} tokens are there and {k.Shape[2]} more do not fit into {Capacity}; call Clear() and read the latest tokens again.", k);
        }

        keys = Store(_keys[layer], "k", k, end);
        values = Store(_values[layer], "v", v, end);
    }

    /// <summary>Counts the tokens that every layer has got.</summary>
    public void Advance(int tokens) => Length += tokens;

    /// <summary>Forgets all tokens.</summary>
    public void Clear() => Length = 0;

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        for (int i = 0; i < _keys.Length; i++)
        {
            _keys[i].Dispose();
            _values[i].Dispose();
        }
    }

    private Tensor Store(Tensor cache, string name, Tensor x, int end)
    {
        Check.DType(Op, name, x, cache.DType);
        Check.Shape(Op, name, x, cache.Shape.With(2, end - Length));
        long offset = Length * cache.Data.Strides[2];
        using Tensor window = OpContext.View(cache, x.Shape, cache.Data.Strides, offset, Op, x.Scope);
        StridedCopy.Launch(x.Device, x, window);
        cache.Data.Storage!.Version++;
        return OpContext.View(cache, cache.Shape.With(2, end), cache.Data.Strides, 0, Op, x.Scope);
    }
}
