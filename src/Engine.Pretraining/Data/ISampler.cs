namespace Engine.Pretraining.Data;

/// <summary>
/// Batches of windows for next-token prediction. Batch <c>index</c> is a pure function of the sampler's arguments and the
/// index: nothing is remembered between calls, so a resumed run continues the same data order by its step alone.
/// </summary>
public interface ISampler
{
    /// <summary>B: windows of a batch.</summary>
    int BatchSize { get; }

    /// <summary>T: tokens of a window.</summary>
    int SequenceLength { get; }

    /// <summary>Fills one batch; allocates nothing.</summary>
    /// <param name="index">Number of the batch: step · accumulation + micro-step.</param>
    /// <param name="inputIds">(B, T) tokens, row-major.</param>
    /// <param name="labels">(B, T): labels[b, t] is the token after inputIds[b, t].</param>
    void Fill(long index, Span<int> inputIds, Span<int> labels);
}

/// <summary>What samplers share: sizes, checks, and the copy of one window.</summary>
public abstract class WindowSampler : ISampler
{
    private protected WindowSampler(ITokenSource tokens, int batchSize, int sequenceLength)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(sequenceLength, 1);
        if (tokens.Count <= sequenceLength)
        {
            throw new EngineException($"{tokens.Name}: has {tokens.Count} tokens, but one sequence needs {sequenceLength + 1} ({sequenceLength} and the label after it).");
        }

        (Tokens, BatchSize, SequenceLength) = (tokens, batchSize, sequenceLength);
    }

    /// <summary>Where the windows are cut from.</summary>
    public ITokenSource Tokens { get; }

    /// <inheritdoc/>
    public int BatchSize { get; }

    /// <inheritdoc/>
    public int SequenceLength { get; }

    /// <inheritdoc/>
    public void Fill(long index, Span<int> inputIds, Span<int> labels)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        if (inputIds.Length != BatchSize * SequenceLength || labels.Length != inputIds.Length)
        {
            throw new ArgumentException($"A batch of ({BatchSize}, {SequenceLength}) needs {BatchSize * SequenceLength} ids and labels, not {inputIds.Length} and {labels.Length}.");
        }

        for (int row = 0; row < BatchSize; row++)
        {
            long offset = Offset((index * BatchSize) + row);
            Tokens.Read(offset, inputIds.Slice(row * SequenceLength, SequenceLength));
            Tokens.Read(offset + 1, labels.Slice(row * SequenceLength, SequenceLength));
        }
    }

    /// <summary>Where window number <paramref name="window"/> starts, counted over all batches: 0 … Count − T − 1.</summary>
    private protected abstract long Offset(long window);
}
