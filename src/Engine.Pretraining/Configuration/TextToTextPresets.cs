namespace Engine.Pretraining.Configuration;

/// <summary>Presets of encoder-decoders and of XLNet.</summary>
internal static class TextToTextPresets
{
    /// <summary>T5's recipe: Adafactor, its rate the inverse square root of the step relative to the parameters' size, nothing clipped globally.</summary>
    private static readonly PretrainConfig s_t5 = new()
    {
        Objective = "span-corruption", Model = "t5", Tokenizer = "bpe", Optimizer = "adafactor", Schedule = "rsqrt", LearningRate = 0.05, MinLr = 0,
        WeightDecay = 0, GradClip = 0,
    };

    private static readonly PretrainConfig s_full = s_t5 with
    {
        VocabSize = 32128, BlockSize = 512, BatchSize = 128, MaxSteps = 1 << 19, WarmupSteps = 10_000, LearningRate = 0.01, Dropout = 0.1, EvalInterval = 5000,
        CheckpointEvery = 5000, SampleEvery = 5000, Precision = "bf16",
    };

    public static IReadOnlyList<PretrainConfig> All { get; } =
    [
        // A few minutes on two cores.
        s_t5 with
        {
            Preset = "t5-tiny", VocabSize = 1024, NLayer = 2, NHead = 4, NEmbd = 128, BlockSize = 64, BatchSize = 16, MaxSteps = 1500, WarmupSteps = 100,
            EvalInterval = 250, EvalBatches = 20, CheckpointEvery = 500, SampleEvery = 500,
        },

        // Raffel et al. 2020, section 3.1: 2^19 steps of 128 sequences of 512 tokens, rates 1/√max(t, 10^4); base is the paper's baseline.
        s_full with { Preset = "t5-small", NLayer = 6, NHead = 8, NEmbd = 512 },
        s_full with { Preset = "t5-base", NLayer = 12, NHead = 12, NEmbd = 768 },

        // English to German, 29,000 captions of pictures (Elliott et al. 2016); the files are named on the command line.
        new()
        {
            Preset = "transformer-multi30k", Objective = "translation", Model = "transformer", Data = "train.en", DataTarget = "train.de", Tokenizer = "bpe",
            VocabSize = 8192, ExtraIds = 0, ValFraction = 0.02, NLayer = 3, NHead = 4, NEmbd = 256, BlockSize = 64, BatchSize = 64, Dropout = 0.1, LabelSmoothing = 0.1,
            Schedule = "noam", LearningRate = 1, MinLr = 0, WarmupSteps = 2000, Beta2 = 0.98, Eps = 1e-9, WeightDecay = 0, GradClip = 0,
            MaxSteps = 9000, EvalInterval = 1000, EvalBatches = 8, CheckpointEvery = 1000, SampleEvery = 1000,
        },

        // Characters, so that a few minutes on two cores say something.
        new()
        {
            Preset = "xlnet-tiny", Objective = "plm", Model = "xlnet", NLayer = 3, NHead = 4, NEmbd = 96, BlockSize = 64, MemLen = 32, BatchSize = 16,
            MaxSteps = 1500, EvalBatches = 20, CheckpointEvery = 500, SampleTokens = 0,
        },
    ];
}
