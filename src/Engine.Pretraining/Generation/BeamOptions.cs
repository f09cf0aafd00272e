namespace Engine.Pretraining.Generation;

/// <summary>How a beam search goes on and ends. Texts are scored by log p / length^<see cref="LengthPenalty"/>, as in transformers; the length counts an end token.</summary>
public sealed record BeamOptions
{
    /// <summary>Beginnings that are kept side by side; 1 is greedy.</summary>
    public int Beams { get; init; } = 4;

    /// <summary>Above 0 favours longer texts, below 0 shorter ones, 0 takes the most likely (Wu et al., "Google's neural machine translation system", 2016, section 7).</summary>
    public double LengthPenalty { get; init; } = 1;

    /// <summary>Texts wanted, the best first; at most <see cref="Beams"/>.</summary>
    public int Returns { get; init; } = 1;

    /// <summary>Ends as soon as <see cref="Beams"/> texts have ended, and not only when no open one can do better.</summary>
    public bool EarlyStopping { get; init; }

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="EngineException">A value is out of range.</exception>
    public BeamOptions Validated() =>
        Beams < 1 ? throw new EngineException($"generate: beams is {Beams}, expected 1 or more.")
        : !double.IsFinite(LengthPenalty) ? throw new EngineException($"generate: length-penalty is {LengthPenalty}, expected a finite number.")
        : Returns < 1 || Returns > Beams ? throw new EngineException($"generate: {Returns} texts of {Beams} beams are wanted, expected from 1 to {Beams}.")
        : this;
}
