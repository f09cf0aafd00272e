namespace Engine.Pretraining.Data;

/// <summary>
/// Batches of pairs of like length, so that little is padded (Vaswani et al. 2017, section 5.1): the pairs, sorted by length, are cut into
/// batches side by side, and every epoch visits the batches in an order of its own, the border between batches shifted. A batch is
/// as wide as its longest pair.
/// </summary>
public sealed class PairSampler : IPairSampler
{
    private readonly TokenPair[] _sorted;
    private readonly ulong? _seed;
    private readonly int _pad;

    /// <summary>A sampler.</summary>
    /// <param name="pairs">The pairs, at least one.</param>
    /// <param name="batchSize">B; if there are fewer pairs, they are repeated.</param>
    /// <param name="pad">The padding token of sources.</param>
    /// <param name="seed">Of the order; null visits the batches from short to long, the same in every run: an evaluation set.</param>
    public PairSampler(IReadOnlyList<TokenPair> pairs, int batchSize, int pad, ulong? seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfZero(pairs.Count);
        _sorted = [.. pairs.OrderBy(p => p.Source.Length + p.Target.Length).ThenBy(p => p.Source.Length)];
        (_pad, _seed, BatchSize) = (pad, seed, batchSize);
        SourceLength = pairs.Max(p => p.Source.Length);
        TargetLength = pairs.Max(p => p.Target.Length);
    }

    /// <summary>Batches of an epoch; the last one is filled up with the first pairs of the next cut.</summary>
    public int BatchesPerEpoch => (_sorted.Length + BatchSize - 1) / BatchSize;

    /// <inheritdoc/>
    public int BatchSize { get; }

    /// <inheritdoc/>
    public int SourceLength { get; }

    /// <inheritdoc/>
    public int TargetLength { get; }

    /// <inheritdoc/>
    public bool Pads => true;

    /// <inheritdoc/>
    public (int Source, int Target) Fill(long index, Span<int> inputIds, Span<int> attentionMask, Span<int> labels)
    {
        int S = 0;
        int T = 0;
        for (int row = 0; row < BatchSize; row++)
        {
            TokenPair pair = Pair(index, row);
            S = Math.Max(S, pair.Source.Length);
            T = Math.Max(T, pair.Target.Length);
        }

        for (int row = 0; row < BatchSize; row++)
        {
            TokenPair pair = Pair(index, row);
            Row(pair.Source, inputIds.Slice(row * S, S), _pad);
            Row(pair.Target, labels.Slice(row * T, T), -100);
            Span<int> mask = attentionMask.Slice(row * S, S);
            mask[..pair.Source.Length].Fill(1);
            mask[pair.Source.Length..].Clear();
        }

        return (S, T);
    }

    /// <summary>The pair of a row of a batch.</summary>
    public TokenPair Pair(long index, int row)
    {
        (long epoch, long place) = Math.DivRem(index, BatchesPerEpoch);
        if (_seed is { } seed)
        {
            place = new Permutation(BatchesPerEpoch, seed, (ulong)epoch).At(place);
            place = (place * BatchSize) + new Permutation(BatchSize, seed, ~(ulong)epoch).At(0);
        }
        else
        {
            place *= BatchSize;
        }

        return _sorted[(place + row) % _sorted.Length];
    }

    private static void Row(int[] tokens, Span<int> row, int filler)
    {
        tokens.CopyTo(row);
        row[tokens.Length..].Fill(filler);
    }
}
