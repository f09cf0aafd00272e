namespace Engine;

/// <summary>What an attention may see and how it scores. The default sees everything and scales by 1/√D.</summary>
/// <remarks>
/// Query i stands at position i + Tk − Tq, so the last query is level with the last key: one new query sees a whole cache of
/// keys. A query that may see no key gives zeros.
/// </remarks>
/// <param name="Causal">Position p sees keys 0 … p only.</param>
/// <param name="Window">
/// If positive, position p sees keys p − Window + 1 … p only (Beltagy, Peters, Cohan, "Longformer", 2020; causal, as in Mistral).
/// </param>
/// <param name="KeyMask">int32 (B, Tk): 1 for a real key, 0 for padding. Without it all keys are real.</param>
/// <param name="Bias">float32 (Hq, Tq, Tk), added to the scaled scores of every batch, as in T5; may take a gradient.</param>
/// <param name="Scale">What scores are multiplied by; 1/√D if null (Vaswani et al., 2017).</param>
/// <param name="KeyRanges">
/// int32 (B, Tq, 2): query i sees only keys from the first number to before the second. So several sequences, one after the other, share
/// a row of the batch without padding and without seeing each other. A range may reach beyond what there is.
/// </param>
/// <param name="QueryRanges">
/// int32 (B, Tk, 2), the same seen from the keys: every query that sees key j lies in its range. Backward needs
/// it beside <paramref name="KeyRanges"/>; for a sequence that attends to itself both are one tensor.
/// </param>
public readonly record struct AttentionOptions(
    bool Causal = false, int Window = 0, Tensor KeyMask = default, Tensor Bias = default, float? Scale = null, Tensor KeyRanges = default, Tensor QueryRanges = default);
