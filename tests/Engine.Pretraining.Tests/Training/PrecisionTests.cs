using System.Text.Json;
using Engine.Optim;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Models;
using Engine.Pretraining.Objectives;
using Engine.Pretraining.Training;
using Xunit;

namespace Engine.Pretraining.Tests.Training;

public sealed class PrecisionTests : IDisposable
{
    // The preset shakespeare-char, half as wide and deep: it learns at the same pace.
    private static readonly PretrainConfig s_small = Presets.Get("shakespeare-char") with
    {
        NLayer = 2, NHead = 2, NEmbd = 64, BlockSize = 32, MaxSteps = 200, WarmupSteps = 20, EvalInterval = 0, EvalBatches = 20,
        CheckpointEvery = 0, SampleTokens = 0, Device = "cpu",
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("bf16", 0.01)]
    [InlineData("fp16", 0.005)]
    public void Sixteen_bits_learn_what_float32_learns(string precision, double within)
    {
        RecordingObserver exact = new();
        RecordingObserver rounded = new();
        PretrainRun.Start(s_small, _folder.File("fp32"), exact);
        PretrainRun.Start(s_small with { Precision = precision }, _folder.File(precision), rounded);
        Assert.Equal(precision, rounded.Start.Precision);
        Assert.NotEqual(exact.Losses, rounded.Losses);
        Assert.InRange(exact.End.ValidationLoss, 2, 2.9);
        Assert.InRange(rounded.End.ValidationLoss, exact.End.ValidationLoss - within, exact.End.ValidationLoss + within);

        // One batch of 384 tokens is noisier than 20 of them.
        Assert.All(exact.Losses, step => Assert.InRange(rounded.Losses[step.Key], step.Value - (5 * within), step.Value + (5 * within)));
    }

    [Fact]
    public void An_overflow_skips_the_step_halves_the_scale_and_is_over()
    {
        PretrainConfig config = TinyRun.Config with { Precision = "fp16", MaxSteps = 12, EvalInterval = 0, GradientAccumulationSteps = 1 };
        using Device device = new CpuDevice(threads: 1);
        using Gpt2 model = new(device, Gpt2Config.From(config, 7), config.Seed);
        model.StoreAs(DType.Float16);
        using AdamW optimizer = new(ParameterGroup.Split(model.Parameters, 0.1), 1e-2);
        using RunFolder folder = RunFolder.Create(_folder.File("run"));
        List<StepReport> steps = [];
        using Trainer trainer = new(config, model, new Overflowing(model, batch => batch is 4 or 5 ? 1e9f : 1f), optimizer, folder, new StepObserver(steps))
        {
            SaveCheckpoint = _ => "none",
        };
        Checkpoint.State end = trainer.Run(new Checkpoint.State(0, 0, double.NaN, 0));

        Assert.Equal(10, optimizer.StepCount);
        double scale = steps[3].LossScaling!.Value.Scale;
        Assert.Equal(0, steps[3].LossScaling!.Value.SkippedSteps);
        Assert.Equal(new LossScaler.State(scale / 2, 0, 1), steps[4].LossScaling);
        Assert.Equal(new LossScaler.State(scale / 4, 0, 2), steps[5].LossScaling);
        Assert.Equal(new LossScaler.State(scale / 4, 6, 2), steps[11].LossScaling);
        Assert.Equal(steps[11].LossScaling, end.LossScaling);
        Assert.False(float.IsFinite(steps[4].GradNorm));
        Assert.All(steps.Where((_, i) => i is not (4 or 5)), s => Assert.True(float.IsFinite(s.GradNorm)));
        Assert.True(steps[11].Loss < steps[0].Loss);

        // The metrics say so too, and stay JSON.
        JsonElement[] lines = [.. File.ReadLines(folder.MetricsFile).Select(l => JsonDocument.Parse(l).RootElement).Where(l => l.TryGetProperty("loss", out _))];
        Assert.Equal(JsonValueKind.Null, lines[4].GetProperty("grad_norm").ValueKind);
        Assert.Equal(2, lines[^1].GetProperty("skipped_steps").GetInt64());
        Assert.Equal(scale / 4, lines[^1].GetProperty("loss_scale").GetDouble());
    }

    [Fact]
    public void A_skipped_step_changes_no_weight()
    {
        PretrainConfig config = TinyRun.Config with { Precision = "fp16", MaxSteps = 1, WarmupSteps = 0, EvalInterval = 0 };
        using Device device = new CpuDevice(threads: 1);
        using Gpt2 model = new(device, Gpt2Config.From(config, 7), config.Seed);
        model.StoreAs(DType.Float16);
        float[][] before = [.. model.Parameters.Select(p => p.Master.ToArray())];
        using AdamW optimizer = new(ParameterGroup.Split(model.Parameters, 0.1), 1e-2);
        using RunFolder folder = RunFolder.Create(_folder.File("run"));
        using Trainer trainer = new(config, model, new Overflowing(model, _ => 1e9f), optimizer, folder, new StepObserver([]))
        {
            SaveCheckpoint = _ => "none",
        };
        trainer.Run(new Checkpoint.State(0, 0, double.NaN, 0));
        Assert.Equal(before, model.Parameters.Select(p => p.Master.ToArray()));
        Assert.Equal(0, optimizer.StepCount);
    }

    [Fact]
    public void Gradients_that_overflow_at_any_scale_stop_the_run()
    {
        PretrainConfig config = TinyRun.Config with { Precision = "fp16", MaxSteps = 30, WarmupSteps = 0, EvalInterval = 0, SampleEvery = 0 };
        using Device device = new CpuDevice(threads: 1);
        using Gpt2 model = new(device, Gpt2Config.From(config, 7), config.Seed);
        model.StoreAs(DType.Float16);
        using AdamW optimizer = new(ParameterGroup.Split(model.Parameters, 0.1), 1e-2);
        using RunFolder folder = RunFolder.Create(_folder.File("run"));
        List<StepReport> steps = [];
        using Trainer trainer = new(config, model, new Overflowing(model, _ => 1e9f), optimizer, folder, new StepObserver(steps))
        {
            SaveCheckpoint = _ => "none",
        };
        EngineException e = Assert.Throws<EngineException>(() => trainer.Run(new Checkpoint.State(0, 0, double.NaN, 0)));
        Assert.Matches("^The loss is not finite at step 17 ", e.Message);
        Assert.Equal(16, steps.Count);
        Assert.Equal(1, steps[^1].LossScaling!.Value.Scale);
    }

    [Fact]
    public void Checkpoints_hold_float32_masters_and_the_loss_scale()
    {
        PretrainConfig config = TinyRun.Config with { Precision = "fp16", MaxSteps = 6 };
        PretrainRun.Start(config, _folder.File("run"), new RecordingObserver());
        string checkpoint = RunFolder.LatestCheckpoint(_folder.File("run"));
        using Serialization.SafeTensors file = Serialization.SafeTensors.Open(Path.Combine(checkpoint, Checkpoint.ModelFile));
        Assert.All(file.Entries, entry => Assert.Equal("F32", entry.Value.DType));
        Assert.NotNull(Checkpoint.ReadState(checkpoint).LossScaling);
        Assert.Equal("fp16", Checkpoint.ReadConfig(checkpoint).Precision);
        EngineException e = Assert.Throws<EngineException>(() => PretrainRun.ConfigOf(_folder.File("run")).ForResume([new ConfigEntry("precision", "bf16", LiteralKind.Bare, "--precision")], "run"));
        Assert.Equal("run: precision cannot change from fp16 to bf16 when a run goes on; start a new run.", e.Message);
    }

    [Theory]
    [InlineData(DType.BFloat16)]
    [InlineData(DType.Float16)]
    public void What_backward_keeps_takes_little_more_than_half_the_memory(DType type)
    {
        long exact = KeptBytes(DType.Float32, out long exactPeak);
        long rounded = KeptBytes(type, out long roundedPeak);
        Assert.InRange(rounded, exact / 2, (long)(0.56 * exact));
        Assert.InRange(roundedPeak, 1, (long)(0.56 * exactPeak));
    }

    // Bytes that live between forward and backward, and at the worst moment of the step, beyond the model's own.
    private static long KeptBytes(DType type, out long peak)
    {
        using CpuDevice device = new(threads: 1);
        using Gpt2 model = new(device, new Gpt2Config { VocabSize = 64, NPositions = 128, NEmbd = 64, NLayer = 4, NHead = 4 });
        model.StoreAs(type);
        using StepScope step = new(device);
        int[] tokens = [.. Enumerable.Range(0, 8 * 128).Select(i => i * 7 % 64)];
        long before = device.Memory.LiveBytes;
        Tensor loss = model.Loss(step.From<int>(tokens, [8, 128]), step.From<int>(tokens, [8, 128]));
        long kept = device.Memory.LiveBytes - before;
        step.Backward(loss);
        peak = device.Memory.PeakBytes - before - model.Parameters.Sum(p => p.Grad.Count * sizeof(float));
        return kept;
    }

    /// <summary>Learns one batch by heart, its loss multiplied as a test says.</summary>
    private sealed class Overflowing(Gpt2 model, Func<long, float> factor) : IObjective
    {
        private static readonly int[] s_tokens = [0, 1, 2, 3, 4, 5, 6, 0];

        public int TokensPerBatch => s_tokens.Length;

        public int EvaluationBatches => 1;

        public Tensor TrainingLoss(StepScope step, long batch) => EvaluationLoss(step, 0) * factor(batch);

        public Tensor EvaluationLoss(StepScope step, int batch) =>
            model.Loss(step.From<int>(s_tokens, [1, 8]), step.From<int>(s_tokens, [1, 8]));
    }

    private sealed class StepObserver(List<StepReport> steps) : ITrainingObserver
    {
        public void OnStep(in StepReport step) => steps.Add(step);

        public void OnStart(in RunStart start)
        {
        }

        public void OnEvaluation(in EvaluationReport evaluation)
        {
        }

        public void OnCheckpoint(in CheckpointReport checkpoint)
        {
        }

        public void OnSample(in SampleReport sample)
        {
        }

        public void OnFinish(in RunEnd end)
        {
        }
    }
}
