namespace Engine.Pretraining.Configuration;

/// <summary>Settings of word vectors, whose steps are passes over the corpus, and of ELMo.</summary>
internal static class WordPresets
{
    public static IReadOnlyList<PretrainConfig> All { get; } =
    [
        // word2vec.c's own settings, with more passes because the corpora at hand are small.
        Vectors("word2vec", "skip-gram", "word2vec") with { LearningRate = 0.025 },
        Vectors("word2vec-cbow", "cbow", "word2vec") with { LearningRate = 0.05 },

        // The demo of the published program, which is for a small corpus as well.
        Vectors("glove", "glove", "glove") with { LearningRate = 0.05, Window = 15, XMax = 10, NEmbd = 50 },

        // An eighth of the paper's widths; Adam in place of its Adagrad.
        new()
        {
            Preset = "elmo-tiny", Objective = "bilm", Model = "elmo", Tokenizer = "word", VocabSize = 5000, NLayer = 2, NHead = 1, NEmbd = 64, HiddenSize = 512,
            BlockSize = 20, BatchSize = 32, MaxSteps = 1000, LearningRate = 2e-3, MinLr = 2e-4, WarmupSteps = 50, Dropout = 0.1, WeightDecay = 0,
            Beta2 = 0.999, EvalInterval = 200, EvalBatches = 20, CheckpointEvery = 200, SampleTokens = 0,
        },
    ];

    private static PretrainConfig Vectors(string name, string objective, string model) => new()
    {
        Preset = name, Objective = objective, Model = model, Tokenizer = "word", NEmbd = 100, NHead = 1, MinFrequency = 5, MaxSteps = 15, MinLr = 0, WarmupSteps = 0, EvalInterval = 1,
        EvalBatches = 8, LogInterval = 1, CheckpointEvery = 5, SampleEvery = 0, ValFraction = 0.05,
    };
}
