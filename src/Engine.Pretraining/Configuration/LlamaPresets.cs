namespace Engine.Pretraining.Configuration;

/// <summary>Presets of the Llama family: small ones that learn in minutes on a CPU, and the papers' own sizes.</summary>
internal static class LlamaPresets
{
    // The settings of shakespeare-char; with the narrower gated feed-forward part and shared keys a tenth fewer parameters.
    private static readonly PretrainConfig s_tiny = new()
    {
        Preset = "llama-tiny", Model = "llama", NumKeyValueHeads = 2, TieWordEmbeddings = true,
    };

    // Touvron et al. 2023, table 1 and section 2.2: AdamW 0.9, 0.95, ε 1e-5, decay 0.1, clipping 1, cosine to a tenth after 2000 steps.
    private static readonly PretrainConfig s_llama2 = new()
    {
        Preset = "llama-2-7b", Model = "llama", Tokenizer = "bpe", VocabSize = 32000, ExtraIds = 0, NLayer = 32, NHead = 32, NEmbd = 4096, BlockSize = 4096, IntermediateSize = 11008,
        BatchSize = 1, GradientAccumulationSteps = 1024, MaxSteps = 500_000, LearningRate = 3e-4, MinLr = 3e-5, WarmupSteps = 2000,
        Beta1 = 0.9, Beta2 = 0.95, Eps = 1e-5, WeightDecay = 0.1, GradClip = 1, Precision = "bf16",
    };

    public static IReadOnlyList<PretrainConfig> All { get; } =
    [
        s_tiny,

        // Eight experts of half the width, two for each token: about the arithmetic of llama-tiny. Twice Switch's α keeps loads within a fifth of even,
        // which batches this small need (benchmarks/results/objectives.md).
        s_tiny with { Preset = "mixtral-tiny", Model = "mixtral", IntermediateSize = 176, RouterAuxLossCoef = 0.02 },
        s_llama2,
        s_llama2 with { Preset = "llama-2-13b", NLayer = 40, NHead = 40, NEmbd = 5120, IntermediateSize = 13824 },
        s_llama2 with { Preset = "llama-2-70b", NLayer = 80, NHead = 64, NumKeyValueHeads = 8, NEmbd = 8192, IntermediateSize = 28672, LearningRate = 1.5e-4, MinLr = 1.5e-5 },

        // Jiang et al., Mistral 7B, 2023, table 1, and Mixtral of experts, 2024, table 1.
        s_llama2 with { Preset = "mistral-7b", NumKeyValueHeads = 8, IntermediateSize = 14336, SlidingWindow = 4096, BlockSize = 8192 },
        s_llama2 with { Preset = "mixtral-8x7b", Model = "mixtral", NumKeyValueHeads = 8, IntermediateSize = 14336, BlockSize = 32768 },
    ];
}
