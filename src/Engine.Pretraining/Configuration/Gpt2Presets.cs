namespace Engine.Pretraining.Configuration;

/// <summary>GPT-2's own sizes (Radford et al. 2019, table 2), with the training settings of nanoGPT's reproduction of the smallest.</summary>
internal static class Gpt2Presets
{
    private static readonly PretrainConfig s_small = new()
    {
        Preset = "gpt2", Tokenizer = "bpe", VocabSize = 50257, ExtraIds = 0, NLayer = 12, NHead = 12, NEmbd = 768, BlockSize = 1024, Bias = true, BatchSize = 12,
        GradientAccumulationSteps = 40, MaxSteps = 600_000, LearningRate = 6e-4, MinLr = 6e-5, WarmupSteps = 2000, Beta2 = 0.95,
    };

    public static IReadOnlyList<PretrainConfig> All { get; } =
    [
        s_small,
        s_small with { Preset = "gpt2-medium", NLayer = 24, NHead = 16, NEmbd = 1024 },
        s_small with { Preset = "gpt2-large", NLayer = 36, NHead = 20, NEmbd = 1280 },
        s_small with { Preset = "gpt2-xl", NLayer = 48, NHead = 25, NEmbd = 1600 },
    ];
}
