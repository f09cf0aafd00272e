using Engine.Optim;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Objectives;
using Engine.Pretraining.Tests.Tokenizers;
using Engine.Pretraining.Tests.Training;
using Engine.Pretraining.Training;
using Xunit;

namespace Engine.Pretraining.Tests.Objectives;

/// <summary>The objectives of encoders as a run uses them: data, batches, loss, figures, on a small corpus with a rule to find.</summary>
public sealed class EncoderObjectiveTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CpuDevice _device = new();

    public void Dispose()
    {
        _device.Dispose();
        _folder.Dispose();
    }

    public static TheoryData<string> Names => ["mlm", "mlm-nsp", "mlm-sop", "spanbert", "electra"];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_model_learns_and_figures_are_reported(string objective)
    {
        using PretrainTask task = Open(objective, steps: 300);
        using Optimizer optimizer = new AdamW(ParameterGroup.Split(task.Model.Parameters, 0.01), 3e-3, 0.9, 0.99, 1e-6);
        double before = task.Evaluate();
        task.Objective.TakeFigures();
        task.Train(optimizer, steps: 300);
        double after = task.Evaluate();
        IReadOnlyList<EvaluationFigure> figures = task.Objective.TakeFigures();
        Assert.True(after < before - 0.1, $"{before} → {after}");
        Assert.All(figures, f => Assert.True(double.IsFinite(f.Value) && f.Value >= 0, $"{f.Name} {f.Value}"));
        double accuracy = figures.Single(f => f.Name == "mlm_accuracy").Value;
        Assert.True(accuracy > 0.06, $"mlm_accuracy {accuracy}"); // 40 words: 0.025 by chance
        Assert.Contains(figures, f => f.Name == objective switch { "mlm-nsp" => "nsp_accuracy", "mlm-sop" => "sop_accuracy", "spanbert" => "sbo_accuracy", "electra" => "rtd_auc", _ => "unigram_accuracy" });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_batch_is_a_function_of_its_number_and_evaluation_is_always_the_same(string objective)
    {
        using PretrainTask first = Open(objective, steps: 1);
        using PretrainTask second = Open(objective, steps: 1);
        float[] batches = [.. new[] { 5, 0, 3 }.Select(n => Loss(first, n))];
        float[] again = [.. new[] { 3, 5, 0 }.Select(n => Loss(second, n))];
        Assert.Equal([batches[2], batches[0], batches[1]], again);
        Assert.Equal(3, batches.Distinct().Count());
        Assert.Equal(first.Evaluate(), second.Evaluate());
        Assert.Equal(first.Evaluate(), first.Evaluate());

        float Loss(PretrainTask task, long batch)
        {
            using StepScope step = new(_device, recording: false);
            return task.Objective.TrainingLoss(step, batch).Item();
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_steady_step_allocates_no_managed_memory(string objective)
    {
        using PretrainTask task = Open(objective, steps: 1);
        task.AssertSteady();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_run_of_the_preset_in_16_bits_can_be_stopped_and_resumed(string objective)
    {
        PretrainConfig config = Config(objective, 6) with
        {
            Tokenizer = Presets.Get(ObjectiveCatalog.Get(objective).Preset).Tokenizer, VocabSize = 400, Precision = "bf16", Dropout = 0.1, WarmupSteps = 2, EvalInterval = 3,
            EvalBatches = 1, Threads = 2,
        };
        RecordingObserver whole = new();
        PretrainRun.Start(config, _folder.File("whole"), whole);
        RecordingObserver first = new() { StopAfter = 3 };
        PretrainRun.Start(config, _folder.File("parts"), first, stop: first.Stop);
        RecordingObserver second = new();
        PretrainRun.Resume(PretrainRun.ConfigOf(_folder.File("parts")), _folder.File("parts"), second);
        Assert.Equal(6, whole.Losses.Count);
        Assert.Equal(whole.Losses, first.Losses.Concat(second.Losses).ToDictionary());
        Assert.Equal(whole.End.ValidationLoss, second.End.ValidationLoss);
        Assert.False(second.End.WritesText);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_vocabulary_without_special_tokens_is_refused_before_training(string objective)
    {
        PretrainConfig config = Config(objective, 1) with { Tokenizer = "char" };
        EngineException e = Assert.Throws<EngineException>(() => ObjectiveCatalog.Get(objective).Create(new TaskContext(_device, config)));
        Assert.Equal($"objective {objective}: the vocabulary of tokenizer char has no cls token; take a tokenizer that has one, for example tokenizer = wordpiece.", e.Message);
    }

    [Fact]
    public void Keys_of_other_objectives_are_refused()
    {
        EngineException e = Assert.Throws<EngineException>(() => new PretrainConfig().With([new ConfigEntry("mask_probability", "0.3", LiteralKind.Bare, "here")]));
        Assert.Contains("mask_probability = 0.3 has no effect on objective clm", e.Message, StringComparison.Ordinal);
    }

    private PretrainTask Open(string objective, int steps)
    {
        PretrainConfig config = Config(objective, steps);
        return ObjectiveCatalog.Get(objective).Create(new TaskContext(_device, config, new PieceTokenizer(File.ReadAllText(config.Data))));
    }

    // Sentences count up from a number of their document's own, modulo 40: a hidden word can be told from its neighbours.
    private PretrainConfig Config(string objective, int steps)
    {
        string path = _folder.File("corpus.txt");
        RandomStream random = new(8, 1);
        File.WriteAllText(path, string.Join("\n\n", Enumerable.Range(0, 60).Select(_ =>
        {
            int start = (int)random.NextInt(40);
            return string.Join('\n', Enumerable.Range(0, 6).Select(s => string.Join(' ', Enumerable.Range(0, 6).Select(w => $"w{(start + (s * 6) + w) % 40:00}"))));
        })));
        ObjectiveEntry entry = ObjectiveCatalog.Get(objective);
        return Presets.Get(entry.Preset) with
        {
            Data = path, Tokenizer = "pieces", NLayer = 2, NHead = 2, NEmbd = 32, EmbeddingSize = entry.Models[0] is "albert" or "electra" ? 16 : 0, GeneratorSize = objective == "electra" ? 0.5 : 0.25,
            BlockSize = 32, BatchSize = 16, MaxSteps = steps, EvalBatches = 4, Seed = 3,
        };
    }
}
