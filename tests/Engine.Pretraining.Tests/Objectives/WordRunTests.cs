using System.Text;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Objectives;
using Engine.Pretraining.Tests.Training;
using Engine.Pretraining.Training;
using Engine.Pretraining.Words;
using Xunit;

namespace Engine.Pretraining.Tests.Objectives;

/// <summary>Whole runs of word vectors and of ELMo: files, figures, and going on where they stopped.</summary>
public sealed class WordRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("word2vec")]
    [InlineData("word2vec-cbow")]
    [InlineData("glove")]
    public void Vectors_are_saved_and_a_run_in_two_parts_ends_at_the_same_ones(string preset)
    {
        PretrainConfig config = Presets.Get(preset) with { Data = Lines(2000), NEmbd = 12, MaxSteps = 4, CheckpointEvery = 2, Device = "cpu", Threads = 1, ValFraction = 0.3 };
        RecordingObserver seen = new();
        PretrainRun.Start(config, _folder.File("whole"), seen);
        Assert.Equal(4, seen.Losses.Count);
        Assert.True(seen.Losses[4] < seen.Losses[1], $"{seen.Losses[1]} → {seen.Losses[4]}");
        Assert.True(seen.Evaluations[4] < seen.Evaluations[0], $"{seen.Evaluations[0]} → {seen.Evaluations[4]}");
        Assert.Equal(8, seen.Samples[4].Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        WordVectors vectors = WordVectorsFile.Read(Path.Combine(_folder.File("whole"), "vectors.txt"));
        Assert.Equal(12, vectors.Size);
        Assert.Equal(preset == "glove" ? -1 : 0, vectors.IndexOf(WordVocabulary.SentenceEnd));

        RecordingObserver part = new() { StopAfter = 3 };
        PretrainRun.Start(config, _folder.File("parts"), part, stop: part.Stop);
        Assert.False(part.End.Completed);
        PretrainRun.Resume(PretrainRun.ConfigOf(_folder.File("parts")), _folder.File("parts"), new RecordingObserver());
        Assert.Equal(File.ReadAllBytes(Path.Combine(_folder.File("whole"), "vectors.txt")), File.ReadAllBytes(Path.Combine(_folder.File("parts"), "vectors.txt")));
    }

    [Fact]
    public void Elmo_learns_both_directions()
    {
        PretrainConfig config = Presets.Get("elmo-tiny") with
        {
            Data = Lines(3000), VocabSize = 200, NEmbd = 16, HiddenSize = 32, BlockSize = 10, BatchSize = 8, MaxSteps = 40, WarmupSteps = 5, LearningRate = 1e-2,
            EvalInterval = 0, EvalBatches = 4, CheckpointEvery = 0, Device = "cpu", Threads = 1, Dropout = 0,
        };
        RecordingObserver seen = new();
        PretrainRun.Start(config, _folder.File("elmo"), seen);
        Assert.Equal(["forward_perplexity", "backward_perplexity"], seen.Figures.Keys);
        Assert.Equal(seen.Figures.Values.Sum(Math.Log), 2 * seen.Evaluations[40], 1e-3);
        Assert.All(seen.Figures.Values, f => Assert.True(Math.Log(f) < seen.Evaluations[0] - 0.3, $"{Math.Exp(seen.Evaluations[0])} → {f}"));
    }

    [Fact]
    public void A_steady_step_of_Elmo_allocates_nothing()
    {
        PretrainConfig config = Presets.Get("elmo-tiny") with { Data = Lines(500), VocabSize = 200, NEmbd = 16, HiddenSize = 32, BlockSize = 10, BatchSize = 4 };
        using CpuDevice device = new();
        using PretrainTask task = ObjectiveCatalog.Get("bilm").Create(new TaskContext(device, config));
        task.AssertSteady();
    }

    [Fact]
    public void What_cannot_be_trained_is_refused_before_training()
    {
        string few = _folder.Write("few.txt", "one two three\nfour five\n"u8);
        PretrainConfig config = Presets.Get("word2vec") with { Data = few, Device = "cpu" };
        Refuses(config, $"{few}: no word occurs 5 times; the most frequent one, 'one', occurs 1. Lower min_frequency or use a larger corpus.");
        string lonely = _folder.Write("lonely.txt", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("a\nb\n", 50))));
        Refuses(Presets.Get("glove") with { Data = lonely, Device = "cpu" }, "GloVe: no two words of the vocabulary stand on one line, so there is nothing to train on.");
        Refuses(
            Presets.Get("elmo-tiny") with { Tokenizer = "byte", Device = "cpu", BlockSize = 8, BatchSize = 2 },
            "objective bilm: tokenizer = byte does not make words, which this model reads as characters; use tokenizer = word.");
        Refuses(
            Presets.Get("word2vec") with { Negative = 0, Device = "cpu" },
            "word2vec: negative is 0 and hierarchical softmax is off, so nothing would be trained; set one of them.");
    }

    private void Refuses(PretrainConfig config, string message) => Assert.Equal(
        message, Assert.Throws<EngineException>(() => PretrainRun.Start(config, _folder.File("refused"), new RecordingObserver())).Message);

    // The first lines of Shakespeare.
    private string Lines(int lines) => _folder.Write(
        $"{lines}.txt", Encoding.UTF8.GetBytes(string.Join('\n', Engine.Pretraining.Data.Corpus.Load(Engine.Pretraining.Data.Corpus.TinyShakespeare).Text.Split('\n').Take(lines)) + "\n"));
}
