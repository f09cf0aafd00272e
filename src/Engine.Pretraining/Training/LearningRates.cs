using Engine.Optim;
using Engine.Pretraining.Configuration;

namespace Engine.Pretraining.Training;

/// <summary>The learning-rate schedule that a configuration names.</summary>
internal static class LearningRates
{
    public static Schedule From(PretrainConfig c)
    {
        // A short run may be all warm-up; schedules that decay need at least one step after it.
        int total = Math.Max(c.MaxSteps, c.WarmupSteps + 1);
        int decay = c.DecaySteps > 0 ? c.DecaySteps : Math.Max(1, total / 5);
        return c.Schedule switch
        {
            "constant" => new ConstantSchedule(c.LearningRate, c.WarmupSteps, WarmupForm.Between),
            "linear" => new LinearSchedule(c.LearningRate, c.WarmupSteps, total),
            "wsd" => new WarmupStableDecaySchedule(
                c.LearningRate, c.MinLr, c.WarmupSteps, Math.Min(decay, total - c.WarmupSteps), total, WarmupForm.Between),
            "rsqrt" => new InverseSquareRootSchedule(c.LearningRate, Math.Max(1, c.WarmupSteps)),
            "noam" => new NoamSchedule(c.NEmbd, Math.Max(1, c.WarmupSteps), c.LearningRate),
            _ => new CosineSchedule(c.LearningRate, c.MinLr, c.WarmupSteps, total),
        };
    }
}
