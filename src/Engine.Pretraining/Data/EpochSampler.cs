namespace Engine.Pretraining.Data;

/// <summary>
/// The tokens cut into ⌊(Count − 1) / T⌋ windows side by side; every epoch visits each once, in an order of its own
/// (<see cref="Permutation"/>). A batch at the end of an epoch goes on into the next.
/// </summary>
public sealed class EpochSampler(ITokenSource tokens, int batchSize, int sequenceLength, ulong seed)
    : WindowSampler(tokens, batchSize, sequenceLength)
{
    /// <summary>Windows of one epoch.</summary>
    public long WindowsPerEpoch => (Tokens.Count - 1) / SequenceLength;

    private protected override long Offset(long window)
    {
        (long epoch, long place) = Math.DivRem(window, WindowsPerEpoch);
        return new Permutation(WindowsPerEpoch, seed, (ulong)epoch).At(place) * SequenceLength;
    }
}
