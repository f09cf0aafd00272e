using Engine.Pretraining.Configuration;
using Engine.Pretraining.Data;
using Engine.Pretraining.Generation;
using Engine.Pretraining.Models;
using Engine.Pretraining.Tests.Training;
using Engine.Pretraining.Training;
using Xunit;

namespace Engine.Pretraining.Tests.Generation;

/// <summary>What a trained model loses with int8 weights.</summary>
public sealed class WeightStorageTests : IClassFixture<WeightStorageTests.Run>
{
    private readonly Run _run;

    public WeightStorageTests(Run run) => _run = run;

    public static TheoryData<SimdLevel> Levels => [.. SimdLevels.Available];

    [Theory]
    [MemberData(nameof(Levels))]
    public void With_int8_scores_stay_close_and_the_loss_rises_by_less_than_a_hundredth(SimdLevel level)
    {
        using CpuDevice device = new(2, level);
        using TrainedModel trained = TrainedModel.Load(device, _run.Path);
        using PretrainData data = PretrainData.Open(_run.Config, trained.Tokenizer);
        (double exactLoss, float[] exact) = Evaluate(trained.Model, data);
        trained.Model.StoreAs(DType.Int8);
        Assert.All(trained.Model.Parameters, p => Assert.Equal(p.Master.Rank == 2 ? DType.Int8 : DType.Float32, p.Value.DType));
        (double loss, float[] scores) = Evaluate(trained.Model, data);
        double mean = exact.Average(x => (double)x);
        double spread = Math.Sqrt(exact.Average(x => (x - mean) * (x - mean)));
        double error = Math.Sqrt(exact.Zip(scores, (a, b) => (a - (double)b) * (a - b)).Average());
        TestContext.Current.TestOutputHelper?.WriteLine($"loss {exactLoss:F5} → {loss:F5}, scores off by {error / spread:P2} of their spread");

        // A weight is off by scale/√12 = max|w|/440 on average: about 0.6 % of weights that are normal, in each of the products on the way.
        Assert.InRange(error / spread, 1e-5, 0.01);
        Assert.InRange(loss / exactLoss, 0.99, 1.01);
    }

    private static (double Loss, float[] Scores) Evaluate(CausalLanguageModel model, PretrainData data)
    {
        using StepScope step = new(model.Device, recording: false);
        int[] ids = new int[data.Validation.BatchSize * data.Validation.SequenceLength];
        int[] labels = new int[ids.Length];
        double loss = 0;
        List<float> scores = [];
        for (int batch = 0; batch < data.Validation.Batches; batch++)
        {
            data.Validation.Fill(batch, ids, labels);
            Shape shape = [data.Validation.BatchSize, data.Validation.SequenceLength];
            Tensor logits = model.Logits(step.From<int>(ids, shape));
            loss += logits.CrossEntropy(step.From<int>(labels, shape)).Item() / data.Validation.Batches;
            scores.AddRange(logits.ToArray());
            step.Clear();
        }

        return (loss, [.. scores]);
    }

    /// <summary>One short training that all tests here read from.</summary>
    public sealed class Run : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public Run() => PretrainRun.Start(Config, Path, new RecordingObserver());

        public PretrainConfig Config { get; } =
            TinyRun.Config with { NEmbd = 32, MaxSteps = 150, EvalInterval = 150, EvalBatches = 8, Dropout = 0, CheckpointEvery = 0, SampleEvery = 0 };

        public string Path => _folder.File("run");

        public void Dispose() => _folder.Dispose();
    }
}
