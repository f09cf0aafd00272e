namespace Engine.Optim;

/// <summary>
/// Dynamic loss scaling for fp16, whose smallest number is 6e-8: the loss is multiplied by <see cref="Scale"/> before backward,
/// so that gradients keep to the range of fp16, and the optimizer divides by it
/// (<see cref="Optimizer.GradScale"/>). Where a gradient overflows, the step is skipped and the scale falls; after
/// a long run of good steps it rises. Factors and interval are those of PyTorch's GradScaler.
/// </summary>
public sealed class LossScaler
{
    /// <summary>What the scale is multiplied by after <see cref="GrowthInterval"/> good steps in a row.</summary>
    public const double Growth = 2;

    /// <summary>What the scale is multiplied by after an overflow.</summary>
    public const double Backoff = 0.5;

    /// <summary>Good steps in a row before the scale grows.</summary>
    public const int GrowthInterval = 2000;

    /// <summary>A scale of 65536 and no steps yet.</summary>
    public LossScaler()
        : this(new State(65536, 0, 0))
    {
    }

    /// <summary>A scaler that goes on from a state.</summary>
    /// <exception cref="EngineException">The scale is not above 0, or a count is negative.</exception>
    public LossScaler(State state) => Present = new State(
        Setting.Positive(nameof(LossScaler), "scale", state.Scale),
        (int)Setting.Steps(nameof(LossScaler), "good steps", state.GoodSteps, 0),
        Setting.Steps(nameof(LossScaler), "skipped steps", state.SkippedSteps, 0));

    /// <summary>The whole state; part of a checkpoint.</summary>
    /// <param name="Scale">The factor on the next loss, a power of two.</param>
    /// <param name="GoodSteps">Good steps since the scale last changed.</param>
    /// <param name="SkippedSteps">Steps skipped so far.</param>
    public readonly record struct State(double Scale, int GoodSteps, long SkippedSteps);

    /// <summary>The state after the steps so far.</summary>
    public State Present { get; private set; }

    /// <summary>The factor on the next loss.</summary>
    public double Scale => Present.Scale;

    /// <summary>Takes note of a backward pass.</summary>
    /// <param name="finite">Whether loss and gradients are finite; the global norm of the gradients tells.</param>
    /// <returns>Whether the optimizer may step.</returns>
    public bool Update(bool finite)
    {
        State s = Present;
        if (!finite)
        {
            Present = new State(s.Scale * Backoff, 0, s.SkippedSteps + 1);
            return false;
        }

        bool grows = s.GoodSteps + 1 == GrowthInterval;
        Present = s with { Scale = grows ? s.Scale * Growth : s.Scale, GoodSteps = grows ? 0 : s.GoodSteps + 1 };
        return true;
    }
}
