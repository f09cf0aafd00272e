using System.Text;
using Engine.Nn;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Generation;
using Engine.Pretraining.Hub;
using Engine.Pretraining.Models;
using Engine.Pretraining.Training;
using Engine.Testing;
using Xunit;

namespace Engine.Pretraining.Tests.Training;

/// <summary>Runs that begin with the weights of other runs and of published models.</summary>
public sealed class InitialWeightsTests : IDisposable
{
    private static readonly PretrainConfig s_encoder = Presets.Get("bert-tiny") with
    {
        Objective = "mlm", VocabSize = 96, NLayer = 2, NHead = 2, NEmbd = 16, BlockSize = 16, BatchSize = 2, MaxSteps = 2, WarmupSteps = 1, EvalInterval = 2, EvalBatches = 1, Threads = 1,
    };

    private readonly TemporaryFolder _folder = new();

    private string First => _folder.File("first");

    private string Second => _folder.File("second");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_goes_on_where_another_ended()
    {
        PretrainConfig config = TinyRun.Config with { Dropout = 0 };
        RecordingObserver source = new();
        PretrainRun.Start(config, First, source);
        RecordingObserver run = new();
        PretrainRun.Start(config with { InitFrom = First, Seed = config.Seed + 1 }, Second, run);
        Assert.Equal(source.Evaluations[config.MaxSteps], run.Evaluations[0]);
        using CpuDevice device = new(1);
        using PretrainedModel begun = Model.Load(First, device);
        Assert.Equal($"{begun.Network.Parameters.Count()} of {begun.Network.Parameters.Count()} tensors from {First}", run.Start.Origin);
    }

    [Fact]
    public void Shape_and_vocabulary_are_the_sources_whatever_the_preset_says()
    {
        PretrainConfig config = TinyRun.Config with { Bias = true, NLayer = 1, NHead = 4, Tokenizer = "byte", MaxSteps = 4 };
        PretrainRun.Start(config, First, new RecordingObserver());
        PretrainRun.Start(TinyRun.Config with { InitFrom = First, BlockSize = 8, MaxSteps = 4, Precision = "bf16" }, Second, new RecordingObserver());

        PretrainConfig made = PretrainRun.ConfigOf(Second);
        Assert.Equal((1, 4, true, "byte", 8), (made.NLayer, made.NHead, made.Bias, made.Tokenizer, made.BlockSize));
        using CpuDevice device = new(1);
        using TrainedModel model = TrainedModel.Load(device, Second);
        Assert.Equal(8, model.Model.ContextLength);
    }

    [Theory]
    [MemberData(nameof(Hub.StoriesTests.Forms), MemberType = typeof(Hub.StoriesTests))]
    public void A_published_model_is_trained_further(string form)
    {
        string corpus = _folder.Write("corpus.txt", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("Once upon a time there was a little girl. ", 200))));
        PretrainConfig config = TinyRun.Config with
        {
            InitFrom = form, Data = corpus, BlockSize = 32, LearningRate = 3e-4, MinLr = 3e-5, MaxSteps = 12, Dropout = 0,
        };
        RecordingObserver run = new();
        PretrainRun.Start(config, First, run);
        Assert.Equal("llama", PretrainRun.ConfigOf(First).Model);
        Assert.True(run.Evaluations[0] < 4, $"the loss begins at {run.Evaluations[0]}, that of an untrained model is {Math.Log(512):0.0}");
        Assert.True(run.Evaluations[12] < run.Evaluations[0]);
        PretrainRun.Resume(PretrainRun.ConfigOf(First) with { MaxSteps = 14 }, First, new RecordingObserver());

        using CpuDevice device = new(1);
        using PretrainedModel source = Model.Load(form, device);
        using TrainedModel trained = TrainedModel.Load(device, First);
        Assert.Equal(ModelShapes.Kind(source.Network), ModelShapes.Kind(trained.Model));
    }

    [Fact]
    public void ELECTRAs_discriminator_begins_as_a_BERT()
    {
        PretrainRun.Start(s_encoder, First, new RecordingObserver());
        RecordingObserver run = new();
        PretrainRun.Start(s_encoder with { Preset = "electra-tiny", Objective = "electra", Model = "electra", InitFrom = First, LearningRate = 1e-12, MinLr = 0, WeightDecay = 0 }, Second, run);
        using CpuDevice device = new(1);
        using PretrainedModel source = Model.Load(First, device);
        using PretrainedModel made = Model.Load(Second, device);
        Dictionary<string, Parameter> parts = made.Network.Parameters.ToDictionary(p => p.Name);
        foreach (Parameter parameter in source.Network.Parameters.Where(p => p.Name.StartsWith("bert.", StringComparison.Ordinal)))
        {
            new Tolerance(1e-6, 1e-6).AssertClose(
                [.. parameter.Master.ToArray().Select(x => (double)x)], parts["discriminator.electra." + parameter.Name["bert.".Length..]].Master.ToArray(), parameter.Name);
        }

        Assert.Contains("new are ", run.Start.Origin);
    }

    [Fact]
    public void A_run_killed_before_its_first_checkpoint_begins_with_them_again()
    {
        PretrainRun.Start(TinyRun.Config, First, new RecordingObserver());
        RecordingObserver whole = new();
        PretrainRun.Start(TinyRun.Config with { InitFrom = First }, Second, whole);
        string killed = _folder.File("killed");
        Directory.CreateDirectory(killed);
        File.Copy(Path.Combine(Second, "config.json"), Path.Combine(killed, "config.json"));
        RecordingObserver again = new();
        PretrainRun.Resume(PretrainRun.ConfigOf(killed), killed, again);
        Assert.Equal(whole.Losses, again.Losses);
    }

    [Fact]
    public void What_does_not_fit_is_refused_before_any_step()
    {
        PretrainRun.Start(TinyRun.Config with { MaxSteps = 4 }, First, new RecordingObserver());
        AssertRefused(TinyRun.Config with { InitFrom = First, BlockSize = 17 }, "has 16 positions, fewer than block_size = 17");
        AssertRefused(s_encoder with { InitFrom = First }, "cannot be the start of model = bert with objective = mlm");
        AssertRefused(TinyRun.Config with { InitFrom = _folder.File("nothing") }, "nothing");
        Directory.CreateDirectory(_folder.File("mute"));
        foreach (string name in new[] { "config.json", "model.safetensors" })
        {
            File.Copy(Path.Combine(Fixture.WeightsFolder("stories260K"), name), Path.Combine(_folder.File("mute"), name));
        }

        AssertRefused(TinyRun.Config with { InitFrom = _folder.File("mute") }, "has no tokenizer; name its file with the key tokenizer");
        PretrainRun.Start(Presets.Get("elmo-tiny") with { MaxSteps = 1, WarmupSteps = 0, EvalBatches = 1, NEmbd = 8, HiddenSize = 8, BatchSize = 1, BlockSize = 8 }, _folder.File("elmo"), new RecordingObserver());
        AssertRefused(TinyRun.Config with { InitFrom = _folder.File("elmo") }, "kind Elmo cannot be trained further");
    }

    private void AssertRefused(PretrainConfig config, string expected)
    {
        EngineException e = Assert.Throws<EngineException>(() => PretrainRun.Start(config, Second, new RecordingObserver()));
        Assert.Contains(expected, e.Message);
        Assert.False(Directory.Exists(Second));
    }
}
