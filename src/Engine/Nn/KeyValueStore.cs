namespace Engine.Nn;

/// <summary>
/// Where a decoder's layers leave the keys and values of the tokens that they read, and find those of earlier ones, so that one more
/// token costs one position instead of all of them again (Shazeer, "Fast transformer decoding", 2019, section 2.1). Each layer has K and V
/// in memory that outlives steps. A pass over new tokens appends to every layer and then advances once:
/// <code>
/// store.Append(layer, k, v, out keys, out values);   // k, v (B, Hk, T, D)
/// y = q.ScaledDotProductAttention(keys, values, store.Visible(new(Causal: true)));
/// …
/// store.Advance(T);                                  // after the last layer
/// </code>
/// Hk may be smaller than the number of query heads (grouped-query attention). For inference only: nothing is recorded.
/// </summary>
public abstract class KeyValueStore : IDisposable
{
    private protected const string Op = "KeyValueCache";
    private readonly Tensor[] _keys;
    private readonly Tensor[] _values;

    private protected KeyValueStore(Device device, int layers, int batch, int heads, int capacity, int headSize, DType dtype)
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

    /// <summary>Tokens that fit.</summary>
    public int Capacity { get; }

    /// <summary>Sequences side by side, B.</summary>
    private protected int Rows => _keys[0].Shape[0];

    /// <summary>The position of a pass's first token, if <see cref="Positions"/> does not say it of each.</summary>
    public abstract int Past { get; }

    /// <summary>The position of each token of the pass, (T) int32; undefined if they follow each other from <see cref="Past"/> on.</summary>
    public virtual Tensor Positions => default;

    /// <summary>Stores the keys and values of T new tokens in one layer and gives those that attention reads.</summary>
    /// <param name="layer">The layer, from 0.</param>
    /// <param name="k">Keys (B, Hk, T, D) of a step that does not record; any strides.</param>
    /// <param name="v">Values, likewise.</param>
    /// <param name="keys">Views as members of k's step, for <see cref="Visible"/>.</param>
    /// <param name="values">Likewise.</param>
    /// <exception cref="EngineException">The tokens do not fit, shapes or types differ, or the step records.</exception>
    public abstract void Append(int layer, Tensor k, Tensor v, out Tensor keys, out Tensor values);

    /// <summary>What the pass's tokens see of what <see cref="Append"/> gives.</summary>
    /// <param name="mask">What the tokens of a whole sequence see.</param>
    /// <exception cref="EngineException">This store has no way to say it.</exception>
    public abstract AttentionOptions Visible(in AttentionOptions mask);

    /// <summary>Counts the tokens that every layer has got.</summary>
    public abstract void Advance(int tokens);

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        for (int i = 0; i < _keys.Length; i++)
        {
            _keys[i].Dispose();
            _values[i].Dispose();
        }

        GC.SuppressFinalize(this);
    }

    private protected static void CheckTokens(Tensor k)
    {
        Check.Rank(Op, "k", k, 4);
        if (k.Scope is { Recording: true })
        {
            Check.Fail(Op, "keys and values are kept without their history; use a StepScope with recording: false.", k);
        }
    }

    /// <summary>Copies k and v (B, Hk, T, D) to places first … first + T − 1 of a layer.</summary>
    private protected void Store(int layer, Tensor k, Tensor v, int first)
    {
        Store(_keys[layer], "k", k, first);
        Store(_values[layer], "v", v, first);
    }

    /// <summary>Whether another store has the same layers, heads and types, on the same device.</summary>
    private protected bool CopiesFrom(KeyValueStore other) =>
        other._keys.Length == _keys.Length && other._keys[0].Device == _keys[0].Device && other._keys[0].DType == _keys[0].DType
        && other._keys[0].Shape.With(0, 1).With(2, 1) == _keys[0].Shape.With(0, 1).With(2, 1);

    /// <summary>Copies places first … end − 1 of one row to another's, in all layers.</summary>
    private protected void Copy(StepScope step, KeyValueStore from, int fromRow, int toRow, int first, int end)
    {
        for (int layer = 0; layer < _keys.Length; layer++)
        {
            Copy(step, from._keys[layer], _keys[layer], fromRow, toRow, first, end);
            Copy(step, from._values[layer], _values[layer], fromRow, toRow, first, end);
        }
    }

    /// <summary>Places 0 … end − 1 of a layer as members of a step.</summary>
    private protected void Read(int layer, int end, StepScope? scope, out Tensor keys, out Tensor values)
    {
        keys = View(_keys[layer], end, scope);
        values = View(_values[layer], end, scope);
    }

    private static Tensor View(Tensor all, int end, StepScope? scope) => OpContext.View(all, all.Shape.With(2, end), all.Data.Strides, 0, Op, scope);

    private static void Store(Tensor all, string name, Tensor x, int first)
    {
        Check.DType(Op, name, x, all.DType);
        Check.Shape(Op, name, x, all.Shape.With(2, x.Shape[2]));
        using Tensor window = OpContext.View(all, x.Shape, all.Data.Strides, first * all.Data.Strides[2], Op, x.Scope);
        StridedCopy.Launch(x.Device, x, window);
        all.Data.Storage!.Version++;
    }

    private static void Copy(StepScope step, Tensor from, Tensor to, int fromRow, int toRow, int first, int end)
    {
        Shape shape = [1, to.Shape[1], end - first, to.Shape[3]];
        using Tensor source = OpContext.View(from, shape, from.Data.Strides, (fromRow * from.Data.Strides[0]) + (first * from.Data.Strides[2]), Op, step);
        using Tensor target = OpContext.View(to, shape, to.Data.Strides, (toRow * to.Data.Strides[0]) + (first * to.Data.Strides[2]), Op, step);
        StridedCopy.Launch(to.Device, source, target);
        to.Data.Storage!.Version++;
    }
}
