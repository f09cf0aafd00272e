namespace Engine;

/// <summary>What becomes of the losses of single rows or elements.</summary>
public enum LossReduction
{
    /// <summary>Their mean, a scalar; over those that count, where some are ignored.</summary>
    Mean,

    /// <summary>Their sum, a scalar.</summary>
    Sum,

    /// <summary>Nothing: a tensor of losses.</summary>
    None,
}
