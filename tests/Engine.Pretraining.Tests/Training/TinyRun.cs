using Engine.Pretraining.Configuration;

namespace Engine.Pretraining.Tests.Training;

/// <summary>A run that takes a second: the preset <c>tiny</c> on fewer steps, with dropout so that random state matters.</summary>
internal static class TinyRun
{
    public static PretrainConfig Config => Presets.Get("tiny") with
    {
        NEmbd = 16, BlockSize = 16, BatchSize = 4, MaxSteps = 24, WarmupSteps = 4, EvalInterval = 8, EvalBatches = 2, CheckpointEvery = 6,
        SampleEvery = 12, SampleTokens = 10, Dropout = 0.1, GradientAccumulationSteps = 2, Threads = 2, KeepCheckpoints = 100,
    };
}
