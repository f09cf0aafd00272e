namespace Engine.Optim;

/// <summary>
/// A learning rate as a pure function of the step, so that a resumed run needs no state. Schedules are records: they print,
/// compare, and check their settings when they are made.
/// </summary>
public abstract record Schedule
{
    /// <summary>The learning rate of a step.</summary>
    /// <param name="step">Optimizer steps done before it: the first step is 0.</param>
    /// <exception cref="EngineException"><paramref name="step"/> is negative.</exception>
    public double At(long step) => Rate(Setting.Steps(GetType().Name, "step", step, 0));

    /// <summary>The rate at a step of at least 0.</summary>
    private protected abstract double Rate(long step);

    /// <summary>The warm-up's fraction of the peak at a step below <paramref name="warmup"/>.</summary>
    private protected static double Ramp(WarmupForm form, long step, long warmup) => form switch
    {
        WarmupForm.FromZero => (double)step / warmup,
        WarmupForm.ToPeak => (step + 1.0) / warmup,
        _ => (step + 1.0) / (warmup + 1.0),
    };

    /// <summary>Refuses a warm-up that does not end before the schedule does.</summary>
    private protected static long After(string owner, long warmup, long total) =>
        total > warmup ? total : throw new EngineException($"{owner}: Total is {total}, expected more than the {warmup} steps of warm-up.");

    /// <summary>Refuses a last rate that is not between 0 and the peak.</summary>
    private protected static double Below(string owner, double minimum, double peak) =>
        minimum >= 0 && minimum <= peak ? minimum : throw new EngineException($"{owner}: Minimum is {minimum}, expected 0 to the peak, {peak}.");
}

/// <summary>How the rate rises over W warm-up steps s = 0 … W − 1; published recipes differ by one step.</summary>
public enum WarmupForm
{
    /// <summary>s/W: the first step has rate 0, step W the peak. BERT and Hugging Face.</summary>
    FromZero,

    /// <summary>(s + 1)/W: the last warm-up step has the peak.</summary>
    ToPeak,

    /// <summary>(s + 1)/(W + 1): neither 0 nor the peak is in the warm-up. nanoGPT.</summary>
    Between,
}
