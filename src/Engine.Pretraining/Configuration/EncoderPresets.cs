namespace Engine.Pretraining.Configuration;

/// <summary>Presets of bidirectional encoders: small ones that learn in minutes on two cores, and the sizes of the papers.</summary>
internal static class EncoderPresets
{
    // Google's smallest BERT (Turc et al., Well-read students learn better, 2019) is L = 2, C = 128 too. Many heads and a high rate, since all waits
    // for the heads that find a token's neighbours (benchmarks/results/objectives.md). Built-in corpus, or give data.
    private static readonly PretrainConfig s_tiny = new()
    {
        Objective = "mlm-nsp", Model = "bert", Tokenizer = "wordpiece", VocabSize = 2048, Sampling = "epoch", NLayer = 2, NHead = 8, NEmbd = 128, BlockSize = 64,
        Bias = true, BatchSize = 64, MaxSteps = 2500, LearningRate = 2e-3, MinLr = 0, WarmupSteps = 200, Schedule = "linear", WeightDecay = 0.01,
        Beta2 = 0.999, Eps = 1e-6, EvalInterval = 500, EvalBatches = 32, CheckpointEvery = 500, SampleTokens = 0,
    };

    // google-research/bert: batch 256, 1 M steps, 10 k of warm-up, learning rate 1e-4 falling linearly, decay 0.01.
    private static readonly PretrainConfig s_base = s_tiny with
    {
        VocabSize = 30522, NLayer = 12, NHead = 12, NEmbd = 768, BlockSize = 512, Dropout = 0.1, BatchSize = 256, MaxSteps = 1_000_000,
        LearningRate = 1e-4, WarmupSteps = 10_000, EvalInterval = 5000, CheckpointEvery = 5000, Masking = "static",
    };

    private static readonly PretrainConfig s_robertaBase = s_base with
    {
        // fairseq, examples/roberta: (0.9, 0.98), 1e-6, 5e-4, 10 k of 125 k steps, 8192 sequences in 16 micro-batches.
        Preset = "roberta-base", Objective = "mlm", Model = "roberta", Tokenizer = "bpe", ExtraIds = 0, VocabSize = 50265, Masking = "dynamic", BatchSize = 256,
        GradientAccumulationSteps = 32, MaxSteps = 125_000, LearningRate = 5e-4, Beta2 = 0.98,
    };

    private static readonly PretrainConfig s_albertBase = s_base with
    {
        // Lan et al. 2020, section 4.1 (whose SentencePiece vocabulary is WordPiece here): LAMB, rate 0.00176, batch 4096, 125 k steps, n-grams up to 3; v2 has no dropout.
        Preset = "albert-base", Objective = "mlm-sop", Model = "albert", VocabSize = 30000, EmbeddingSize = 128, Dropout = 0, MaskNgram = 3, Masking = "dynamic",
        GradientAccumulationSteps = 16, MaxSteps = 125_000, Optimizer = "lamb", LearningRate = 0.00176, WarmupSteps = 3125,
    };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<PretrainConfig> All { get; } =
    [
        s_tiny with { Preset = "bert-tiny", MaxSteps = 4000 },
        s_tiny with { Preset = "roberta-tiny", Objective = "mlm", Model = "roberta", Tokenizer = "bpe", ExtraIds = 0, Beta2 = 0.98 },
        s_tiny with { Preset = "spanbert-tiny", Objective = "spanbert", Model = "spanbert" },
        s_tiny with { Preset = "electra-tiny", Objective = "electra", Model = "electra" },
        s_tiny with { Preset = "albert-tiny", Objective = "mlm-sop", Model = "albert", EmbeddingSize = 64, MaskNgram = 3, Optimizer = "lamb", LearningRate = 5e-3 },
        s_base with { Preset = "bert-base" },
        s_base with { Preset = "bert-large", NLayer = 24, NHead = 16, NEmbd = 1024 },
        s_robertaBase,
        s_base with { Preset = "spanbert-base", Objective = "spanbert", Model = "spanbert", VocabSize = 28996, Masking = "dynamic" },
        s_base with
        {
            // Clark et al. 2020, table 6: small is C = 256, E = 128, 128 tokens, batch 128, 1 M steps, 5e-4.
            Preset = "electra-small", Objective = "electra", Model = "electra", NHead = 4, NEmbd = 256, EmbeddingSize = 128, BlockSize = 128, BatchSize = 128,
            LearningRate = 5e-4, Masking = "dynamic",
        },
        s_albertBase,
        s_albertBase with { Preset = "albert-large", NLayer = 24, NHead = 16, NEmbd = 1024 },
    ];
}
