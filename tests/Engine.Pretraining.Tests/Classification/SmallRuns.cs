using Engine.Pretraining.Configuration;
using Engine.Pretraining.Tests.Training;
using Engine.Pretraining.Training;

namespace Engine.Pretraining.Tests.Classification;

/// <summary>Small runs on the text of <see cref="WordClasses"/>.</summary>
internal static class SmallRuns
{
    /// <summary>A preset made smaller; returns its run folder.</summary>
    public static string Train(TemporaryFolder folder, string preset, int steps)
    {
        string run = folder.File(preset);
        PretrainConfig config = Presets.Get(preset);
        config = config with
        {
            Data = folder.Write($"{preset}.txt", WordClasses.Corpus(200)), Device = "cpu", Threads = 1, MaxSteps = steps, EvalInterval = 0, EvalBatches = 2, CheckpointEvery = 0,
            SampleTokens = 0, ValFraction = 0.05, Dropout = 0, NEmbd = 32,
        };
        config = preset is "word2vec" or "glove" ? config with { LearningRate = 0.05 } : config with
        {
            Tokenizer = preset is "elmo-tiny" or "shakespeare-char" ? "word" : preset == "t5-tiny" ? "bpe" : "wordpiece", VocabSize = preset == "t5-tiny" ? 600 : 300,
            NLayer = 2, NHead = 2, MaskProbability = preset == "roberta-tiny" ? 0.3 : 0.15, BlockSize = 32, BatchSize = 16, WarmupSteps = Math.Min(10, steps - 1), LearningRate = 3e-3,
        };
        PretrainRun.Start(preset == "elmo-tiny" ? config with { HiddenSize = 32, NEmbd = 16, BatchSize = 8, LearningRate = 5e-3 } : config, run, new RecordingObserver());
        return run;
    }
}
