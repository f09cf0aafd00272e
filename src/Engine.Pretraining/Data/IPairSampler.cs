namespace Engine.Pretraining.Data;

/// <summary>
/// Batches of sources and targets for an encoder-decoder. Batch <c>index</c> is a pure function of the sampler's arguments and the
/// index, so a resumed run continues the same data order by its step alone.
/// </summary>
public interface IPairSampler
{
    /// <summary>B: pairs of a batch.</summary>
    int BatchSize { get; }

    /// <summary>S: tokens of the longest source.</summary>
    int SourceLength { get; }

    /// <summary>T: tokens of the longest target, its end token included.</summary>
    int TargetLength { get; }

    /// <summary>Whether sources may be padded, so that an attention mask is needed.</summary>
    bool Pads { get; }

    /// <summary>Fills one batch, rows side by side without gaps; allocates nothing.</summary>
    /// <param name="index">Number of the batch.</param>
    /// <param name="inputIds">Room for B·S source tokens.</param>
    /// <param name="attentionMask">Room for B·S: 1 for a token, 0 for padding.</param>
    /// <param name="labels">Room for B·T target tokens; −100 behind the end token.</param>
    /// <returns>The lengths of this batch's rows, at most S and T.</returns>
    (int Source, int Target) Fill(long index, Span<int> inputIds, Span<int> attentionMask, Span<int> labels);
}
