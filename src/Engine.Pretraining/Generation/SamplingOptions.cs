namespace Engine.Pretraining.Generation;

/// <summary>How tokens are chosen from the model's scores.</summary>
public sealed record SamplingOptions
{
    /// <summary>Tokens to write after the prompt.</summary>
    public int Tokens { get; init; } = 500;

    /// <summary>Divides the scores: below 1 safer, above 1 wilder; 0 always takes the most likely token.</summary>
    public float Temperature { get; init; } = 1f;

    /// <summary>Only the k most likely tokens are drawn from; 0 means all.</summary>
    public int TopK { get; init; }

    /// <summary>
    /// Only the most likely tokens that together reach this probability are drawn from (nucleus sampling, Holtzman et al.,
    /// "The curious case of neural text degeneration", 2020); 1 means all.
    /// </summary>
    public float TopP { get; init; } = 1f;

    /// <summary>
    /// Only tokens at least this many times as likely as the most likely one are drawn from (Nguyen et al., "Turning up the heat: min-p
    /// sampling", 2024); 0 means all.
    /// </summary>
    public float MinP { get; init; }

    /// <summary>
    /// What scores of tokens that stand in the text already are divided by, or multiplied with if they are negative (Keskar et al., "CTRL",
    /// 2019, section 4.1); 1 for nothing.
    /// </summary>
    public float RepetitionPenalty { get; init; } = 1f;

    /// <summary>The text ends before the first of these strings.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>The same seed writes the same text.</summary>
    public ulong Seed { get; init; } = 1337;

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="EngineException">A value is out of range.</exception>
    public SamplingOptions Validated() =>
        Tokens < 0 ? throw new EngineException($"generate: tokens is {Tokens}, expected 0 or more.")
        : !(Temperature >= 0f && float.IsFinite(Temperature)) ? throw new EngineException($"generate: temperature is {Temperature}, expected a number of at least 0.")
        : TopK < 0 ? throw new EngineException($"generate: top-k is {TopK}, expected 0 (all) or more.")
        : !(TopP > 0f && TopP <= 1f) ? throw new EngineException($"generate: top-p is {TopP}, expected a number above 0 and at most 1.")
        : !(MinP >= 0f && MinP <= 1f) ? throw new EngineException($"generate: min-p is {MinP}, expected a number from 0 (all) to 1.")
        : !(RepetitionPenalty > 0f && float.IsFinite(RepetitionPenalty)) ? throw new EngineException($"generate: repetition-penalty is {RepetitionPenalty}, expected a number above 0; 1 for none.")
        : Stop.Any(string.IsNullOrEmpty) ? throw new EngineException("generate: a stop string is empty, expected at least one character.")
        : this;
}
