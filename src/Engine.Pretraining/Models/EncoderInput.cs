namespace Engine.Pretraining.Models;

/// <summary>What an encoder reads: B sequences of T tokens, all int32 and of one step.</summary>
/// <param name="InputIds">Tokens (B, T).</param>
/// <param name="TokenTypeIds">Segment of each token (B, T); without it all belong to segment 0.</param>
/// <param name="AttentionMask">1 for a token, 0 for padding (B, T); without it there is no padding.</param>
public readonly record struct EncoderInput(Tensor InputIds, Tensor TokenTypeIds = default, Tensor AttentionMask = default);
