namespace Engine;

/// <content>The z-loss.</content>
public readonly partial struct Tensor
{
    /// <summary>
    /// The z-loss: the mean of (log Σ eˣ)² over the rows of these logits (…, V), a scalar. Added to the cross-entropy with a small
    /// factor (1e-4 in PaLM, Chowdhery et al. 2022; 1e-3 in ST-MoE, Zoph et al. 2022) it keeps logits from drifting.
    /// </summary>
    /// <exception cref="EngineException">This is a scalar, or the dtype is not float32.</exception>
    public Tensor ZLoss() => LogSumExp(-1).Square().Mean();
}
