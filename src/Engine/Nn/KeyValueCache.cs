namespace Engine.Nn;

/// <summary>
/// Keys and values of sequences side by side, all of one length: what a text that is written token by token needs. Keys and values are
/// (B, Hk, Length + T, D), the new ones last.
/// </summary>
public sealed class KeyValueCache : KeyValueStore
{
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
        : base(device, layers, batch, heads, capacity, headSize, dtype)
    {
    }

    /// <summary>Tokens whose keys and values are there.</summary>
    public int Length { get; private set; }

    /// <inheritdoc/>
    public override int Past => Length;

    /// <inheritdoc/>
    public override void Append(int layer, Tensor k, Tensor v, out Tensor keys, out Tensor values)
    {
        CheckTokens(k);
        int end = Length + k.Shape[2];
        if (end > Capacity)
        {
            Check.Fail(Op, $"{Length} tokens are there and {k.Shape[2]} more do not fit into {Capacity}; call Clear() and read the latest tokens again.", k);
        }

        Store(layer, k, v, Length);
        Read(layer, end, k.Scope, out keys, out values);
    }

    /// <inheritdoc/>
    public override AttentionOptions Visible(in AttentionOptions mask) => mask;

    /// <inheritdoc/>
    /// <exception cref="EngineException">More tokens than fit.</exception>
    public override void Advance(int tokens) => Length = tokens >= 0 && Length + tokens <= Capacity
        ? Length + tokens
        : throw new EngineException($"{Op}: {Length} tokens are there and {tokens} more do not fit into {Capacity}.");

    /// <summary>Forgets the tokens from position <paramref name="length"/> on, for example guesses that turned out wrong.</summary>
    /// <exception cref="EngineException">There are fewer tokens.</exception>
    public void Truncate(int length) => Length = length >= 0 && length <= Length
        ? length
        : throw new EngineException($"{Op}: {Length} tokens are there; they cannot be cut to {length}.");

    /// <summary>Copies tokens of one sequence to another's places, for example where a beginning goes on in two ways.</summary>
    /// <param name="step">The pass's step.</param>
    /// <param name="from">This cache, or another of the same model.</param>
    /// <param name="fromRow">The sequence in it.</param>
    /// <param name="toRow">The sequence here.</param>
    /// <param name="first">The first token's place, in both.</param>
    /// <param name="end">The place behind the last token; nothing is copied if it is <paramref name="first"/>.</param>
    /// <exception cref="EngineException">There is no such sequence or place, or the caches are of different models.</exception>
    public void CopyRow(StepScope step, KeyValueCache from, int fromRow, int toRow, int first, int end)
    {
        ArgumentNullException.ThrowIfNull(from);
        if (!CopiesFrom(from) || fromRow < 0 || fromRow >= from.Rows || toRow < 0 || toRow >= Rows || first < 0 || end < first || end > Math.Min(Capacity, from.Capacity))
        {
            throw new EngineException($"{Op}: tokens {first} to {end} of sequence {fromRow} cannot be copied to sequence {toRow} of {Rows}; expected caches of one model, and sequences and places that they have.");
        }

        if (end > first)
        {
            Copy(step, from, fromRow, toRow, first, end);
        }
    }

    /// <summary>Forgets all tokens.</summary>
    public void Clear() => Length = 0;
}
