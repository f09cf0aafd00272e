namespace Engine.Optim;

/// <summary>The same rate always, after a warm-up if there is one.</summary>
/// <param name="Peak">The rate, at least 0.</param>
/// <param name="Warmup">Warm-up steps, at least 0.</param>
/// <param name="Form">How the warm-up rises.</param>
public sealed record ConstantSchedule(double Peak, long Warmup = 0, WarmupForm Form = WarmupForm.FromZero) : Schedule
{
    /// <summary>The rate.</summary>
    public double Peak { get; } = Setting.AtLeastZero(nameof(ConstantSchedule), nameof(Peak), Peak);

    /// <summary>Warm-up steps.</summary>
    public long Warmup { get; } = Setting.Steps(nameof(ConstantSchedule), nameof(Warmup), Warmup, 0);

    private protected override double Rate(long step) => step < Warmup ? Peak * Ramp(Form, step, Warmup) : Peak;
}

/// <summary>Warm-up, then a straight line down to 0 at step <paramref name="Total"/>, and 0 from there: BERT's schedule.</summary>
/// <param name="Peak">The rate at the end of the warm-up, at least 0.</param>
/// <param name="Warmup">Warm-up steps, at least 0.</param>
/// <param name="Total">The step from which the rate is 0, above <paramref name="Warmup"/>.</param>
/// <param name="Form">How the warm-up rises.</param>
public sealed record LinearSchedule(double Peak, long Warmup, long Total, WarmupForm Form = WarmupForm.FromZero) : Schedule
{
    /// <summary>The rate at the end of the warm-up.</summary>
    public double Peak { get; } = Setting.AtLeastZero(nameof(LinearSchedule), nameof(Peak), Peak);

    /// <summary>Warm-up steps.</summary>
    public long Warmup { get; } = Setting.Steps(nameof(LinearSchedule), nameof(Warmup), Warmup, 0);

    /// <summary>The step from which the rate is 0.</summary>
    public long Total { get; } = After(nameof(LinearSchedule), Warmup, Total);

    private protected override double Rate(long step) =>
        step < Warmup ? Peak * Ramp(Form, step, Warmup) : Peak * Math.Max(0.0, (double)(Total - step) / (Total - Warmup));
}

/// <summary>
/// Warm-up, then half a cosine from the peak to the minimum at step <paramref name="Total"/>, and the minimum from there
/// (Loshchilov and Hutter 2017, without restarts); with <see cref="WarmupForm.Between"/> nanoGPT's schedule to the bit.
/// </summary>
/// <param name="Peak">The rate at the end of the warm-up, at least 0.</param>
/// <param name="Minimum">The rate at the end, 0 to <paramref name="Peak"/>; a tenth of the peak is usual.</param>
/// <param name="Warmup">Warm-up steps, at least 0.</param>
/// <param name="Total">The step at which the minimum is reached, above <paramref name="Warmup"/>.</param>
/// <param name="Form">How the warm-up rises.</param>
public sealed record CosineSchedule(double Peak, double Minimum, long Warmup, long Total, WarmupForm Form = WarmupForm.Between) : Schedule
{
    /// <summary>The rate at the end of the warm-up.</summary>
    public double Peak { get; } = Setting.AtLeastZero(nameof(CosineSchedule), nameof(Peak), Peak);

    /// <summary>The rate at the end.</summary>
    public double Minimum { get; } = Below(nameof(CosineSchedule), Minimum, Peak);

    /// <summary>Warm-up steps.</summary>
    public long Warmup { get; } = Setting.Steps(nameof(CosineSchedule), nameof(Warmup), Warmup, 0);

    /// <summary>The step at which the minimum is reached.</summary>
    public long Total { get; } = After(nameof(CosineSchedule), Warmup, Total);

    private protected override double Rate(long step)
    {
        if (step < Warmup)
        {
            return Peak * Ramp(Form, step, Warmup);
        }

        double done = Math.Min(1.0, (double)(step - Warmup) / (Total - Warmup));
        return Minimum + (0.5 * (1.0 + Math.Cos(Math.PI * done)) * (Peak - Minimum));
    }
}

/// <summary>
/// Warm-up, a plateau, and a decay over the last steps (WSD; Hu et al. 2024): the plateau can be continued later, since only
/// the decay knows where the run ends.
/// </summary>
/// <param name="Peak">The rate of the plateau, at least 0.</param>
/// <param name="Minimum">The rate at the end, 0 to <paramref name="Peak"/>.</param>
/// <param name="Warmup">Warm-up steps, at least 0.</param>
/// <param name="Decay">Steps of the decay, 1 to <paramref name="Total"/> − <paramref name="Warmup"/>; a tenth to a fifth of the run is usual.</param>
/// <param name="Total">The step at which the minimum is reached.</param>
/// <param name="Form">How the warm-up rises.</param>
/// <param name="Shape">How the decay falls.</param>
public sealed record WarmupStableDecaySchedule(
    double Peak,
    double Minimum,
    long Warmup,
    long Decay,
    long Total,
    WarmupForm Form = WarmupForm.FromZero,
    DecayShape Shape = DecayShape.Linear) : Schedule
{
    /// <summary>The rate of the plateau.</summary>
    public double Peak { get; } = Setting.AtLeastZero(nameof(WarmupStableDecaySchedule), nameof(Peak), Peak);

    /// <summary>The rate at the end.</summary>
    public double Minimum { get; } = Below(nameof(WarmupStableDecaySchedule), Minimum, Peak);

    /// <summary>Warm-up steps.</summary>
    public long Warmup { get; } = Setting.Steps(nameof(WarmupStableDecaySchedule), nameof(Warmup), Warmup, 0);

    /// <summary>The step at which the minimum is reached.</summary>
    public long Total { get; } = After(nameof(WarmupStableDecaySchedule), Warmup, Total);

    /// <summary>Steps of the decay.</summary>
    public long Decay { get; } = Decay >= 1 && Decay <= Total - Warmup
        ? Decay
        : throw new EngineException($"{nameof(WarmupStableDecaySchedule)}: Decay is {Decay}, expected 1 to {Total - Warmup}, the steps after the warm-up.");

    private protected override double Rate(long step)
    {
        if (step < Warmup)
        {
            return Peak * Ramp(Form, step, Warmup);
        }

        double done = Math.Clamp((double)(step - (Total - Decay)) / Decay, 0.0, 1.0);
        double fallen = Shape == DecayShape.Linear ? done : Math.Sqrt(done);
        return Peak - (fallen * (Peak - Minimum));
    }
}

/// <summary>How a decay falls as its share t of the way, 0 to 1, is done.</summary>
public enum DecayShape
{
    /// <summary>1 − t.</summary>
    Linear,

    /// <summary>1 − √t, which Hägele et al. 2024 found to end lower.</summary>
    OneMinusSquareRoot,
}

/// <summary>
/// The original transformer's schedule (Vaswani et al. 2017, equation 3): factor·d^−½·min(s^−½, s·warmup^−1.5) with s = step + 1.
/// </summary>
/// <param name="Width">The model's width d, at least 1.</param>
/// <param name="Warmup">Warm-up steps, at least 1; the paper has 4000.</param>
/// <param name="Factor">A factor on the whole, at least 0.</param>
public sealed record NoamSchedule(long Width, long Warmup, double Factor = 1) : Schedule
{
    /// <summary>The model's width.</summary>
    public long Width { get; } = Setting.Steps(nameof(NoamSchedule), nameof(Width), Width, 1);

    /// <summary>Warm-up steps.</summary>
    public long Warmup { get; } = Setting.Steps(nameof(NoamSchedule), nameof(Warmup), Warmup, 1);

    /// <summary>A factor on the whole.</summary>
    public double Factor { get; } = Setting.AtLeastZero(nameof(NoamSchedule), nameof(Factor), Factor);

    private protected override double Rate(long step)
    {
        double s = step + 1.0;
        return Factor / Math.Sqrt(Width) * Math.Min(1.0 / Math.Sqrt(s), s / (Warmup * Math.Sqrt(Warmup)));
    }
}

/// <summary>
/// Warm-up in the form (s + 1)/warmup, then peak·√(warmup/(s + 1)), without an end; as T5 is trained (Raffel et al. 2020, where
/// the warm-up is a plateau).
/// </summary>
/// <param name="Peak">The rate at the end of the warm-up, at least 0.</param>
/// <param name="Warmup">Warm-up steps, at least 1.</param>
public sealed record InverseSquareRootSchedule(double Peak, long Warmup) : Schedule
{
    /// <summary>The rate at the end of the warm-up.</summary>
    public double Peak { get; } = Setting.AtLeastZero(nameof(InverseSquareRootSchedule), nameof(Peak), Peak);

    /// <summary>Warm-up steps.</summary>
    public long Warmup { get; } = Setting.Steps(nameof(InverseSquareRootSchedule), nameof(Warmup), Warmup, 1);

    private protected override double Rate(long step) => step < Warmup
        ? Peak * Ramp(WarmupForm.ToPeak, step, Warmup)
        : Peak * Math.Sqrt(Warmup / (step + 1.0));
}
