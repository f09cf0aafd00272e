namespace Engine.Pretraining.Models;

/// <summary>
/// What an encoder reads: B sequences of T tokens, all int32 and of one step. Sequences of unequal length are filled up and masked, or
/// packed: one after the other in a single row (B = 1), each with its own positions and its own range of keys, so that nothing is
/// computed for padding.
/// </summary>
/// <param name="InputIds">Tokens (B, T).</param>
/// <param name="TokenTypeIds">Segment of each token (B, T); without it all belong to segment 0.</param>
/// <param name="AttentionMask">1 for a token, 0 for padding (B, T); without it there is no padding.</param>
/// <param name="PositionIds">Place of each token in its sequence (B, T); without it 0 … T − 1.</param>
/// <param name="Ranges">For each token the first place of its sequence and one past the last (B, T, 2); without it 0 and T.</param>
public readonly record struct EncoderInput(
    Tensor InputIds, Tensor TokenTypeIds = default, Tensor AttentionMask = default, Tensor PositionIds = default, Tensor Ranges = default)
{
    /// <summary>Who sees whom.</summary>
    internal AttentionOptions Attention => new(KeyMask: AttentionMask, KeyRanges: Ranges, QueryRanges: Ranges);
}
