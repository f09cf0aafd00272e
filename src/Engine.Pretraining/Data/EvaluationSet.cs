namespace Engine.Pretraining.Data;

/// <summary>
/// A fixed set of batches: the same windows at every evaluation, of every run, whatever the seed, so that losses can be
/// compared. The windows are spaced evenly over the tokens and do not overlap as long as there are enough tokens.
/// </summary>
public sealed class EvaluationSet : WindowSampler
{
    /// <summary>A set of <paramref name="batches"/> batches.</summary>
    public EvaluationSet(ITokenSource tokens, int batchSize, int sequenceLength, int batches)
        : base(tokens, batchSize, sequenceLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batches, 1);
        Batches = batches;
    }

    /// <summary>Batches of the set; indices beyond start over.</summary>
    public int Batches { get; }

    private protected override long Offset(long window)
    {
        long windows = (long)Batches * BatchSize;
        return (long)((Int128)(window % windows) * (Tokens.Count - SequenceLength) / windows);
    }
}
