namespace Engine.Pretraining.Configuration;

/// <summary>Named configurations to start from.</summary>
public static class Presets
{
    /// <summary>The preset of <c>engine pretrain</c> without arguments.</summary>
    public const string Default = "shakespeare-char";

    private static readonly PretrainConfig[] s_all =
    [
        // nanoGPT's README, "baby networks on a MacBook": about 0.8 M parameters and 1.5 M tokens.
        new(),
        new() { Preset = "shakespeare-byte", Tokenizer = "byte" },

        // Finishes in seconds: for tests and a first look.
        new()
        {
            Preset = "tiny", NLayer = 2, NHead = 2, NEmbd = 32, BlockSize = 32, BatchSize = 8, MaxSteps = 100, LearningRate = 1e-2, MinLr = 1e-3,
            WarmupSteps = 10, EvalInterval = 50, EvalBatches = 10, CheckpointEvery = 50, SampleEvery = 0, SampleTokens = 80,
        },
        // Two layers are the least that can look up what followed the same letter before (Olsson et al. 2022); rotary positions find
        // the token before much sooner than learned ones.
        new()
        {
            Preset = "in-context-tiny", Objective = "in-context", Model = "llama", NLayer = 2, NHead = 4, NEmbd = 64, BlockSize = 64, BatchSize = 32,
            MaxSteps = 5000, LearningRate = 1e-3, MinLr = 1e-4, EvalInterval = 500, EvalBatches = 20, CheckpointEvery = 500, SampleTokens = 0,
        },
        .. Gpt2Presets.All,
        .. LlamaPresets.All,

        .. EncoderPresets.All,
        .. TextToTextPresets.All,
        .. WordPresets.All,
    ];

    /// <summary>The names of all presets, the default first.</summary>
    public static IEnumerable<string> Names => s_all.Select(p => p.Preset);

    /// <summary>The preset of this name.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="where">For the message: the place that asks for it.</param>
    /// <exception cref="EngineException">There is no such preset; lists those there are.</exception>
    public static PretrainConfig Get(string name, string where = "config")
    {
        ArgumentNullException.ThrowIfNull(name);
        return Array.Find(s_all, p => p.Preset == name)
            ?? throw new EngineException($"{where}: unknown preset {name}.{Nearest.Suggest(name, Names)} Presets: {string.Join(", ", Names)}.");
    }
}
