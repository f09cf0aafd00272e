using Engine.Pretraining.Models;
using Xunit;

namespace Engine.Pretraining.Tests.Models;

/// <summary>ELMo against PyTorch: outputs, gradients, the training curve, the trained weights.</summary>
public sealed class ElmoFixtureTests : IDisposable
{
    private readonly ModelFixture _fixture = new("model_elmo");
    private readonly Elmo _model;

    public ElmoFixtureTests()
    {
        int[] Ints(string key) => [.. _fixture.Config.GetProperty(key).EnumerateArray().Select(v => v.GetInt32())];
        _model = _fixture.Load(new Elmo(_fixture.Device, new ElmoConfig
        {
            CharVocabSize = _fixture.Int("char_vocab"),
            VocabSize = _fixture.Int("vocab"),
            CharDim = _fixture.Int("char_dim"),
            Widths = Ints("widths"),
            Filters = Ints("filters"),
            Highways = 1,
            Hidden = _fixture.Int("hidden"),
            Projection = _fixture.Int("proj"),
            Layers = _fixture.Int("layers"),
        }));
    }

    public void Dispose()
    {
        _model.Dispose();
        _fixture.Dispose();
    }

    [Fact]
    public void Layers_mix_and_losses()
    {
        (Tensor[] Forward, Tensor[] Backward) layers = Layers(0);
        _fixture.AssertOutput("tokens_repr", layers.Forward[0]);
        _fixture.AssertOutput("forward_top", layers.Forward[^1]);
        _fixture.AssertOutput("backward_top", layers.Backward[^1]);
        _fixture.AssertOutput("mix", _model.Mix(layers));
        (Tensor forward, Tensor backward) = _model.Losses(layers, Labels(0, 1), Labels(0, -1));
        _fixture.AssertOutput("loss_forward", forward);
        _fixture.AssertOutput("loss_backward", backward);
        Assert.Equal(
            (forward.Item() + backward.Item()) / 2f,
            _model.Loss(Ints(0, "chars"), Ints(0, "lengths"), Labels(0, 1), Labels(0, -1)).Item(),
            1e-6f);
    }

    [Fact]
    public void Loss_and_gradients() => _fixture.AssertGradients(_model, Loss);

    [Fact]
    public void Training_curve_and_trained_weights() => _fixture.AssertTraining(_model, Loss);

    [Fact]
    public void Words_shorter_than_the_widest_convolution_are_refused() => Assert.Equal(
        "ELMo: chars (1, 2, 2) have 2 places a word, fewer than the widest convolution, 3.",
        Assert.Throws<EngineException>(() => _model.Words(_fixture.Step.From<int>([0, 1, 2, 3], [1, 2, 2]))).Message);

    // As in the file: the mix, which the losses do not reach, has a small penalty.
    private Tensor Loss(int batch)
    {
        (Tensor[] Forward, Tensor[] Backward) layers = Layers(batch);
        (Tensor forward, Tensor backward) = _model.Losses(layers, Labels(batch, 1), Labels(batch, -1));
        return ((forward + backward) * 0.5f) + (_model.Mix(layers).Square().Mean() * 0.001f);
    }

    private (Tensor[] Forward, Tensor[] Backward) Layers(int batch) => _model.Layers(Ints(batch, "chars"), Ints(batch, "lengths"));

    private Tensor Ints(int batch, string key) => _fixture.Ints($"batch{batch}.{key}");

    // The token so many places on, −100 where the sentence has none.
    private Tensor Labels(int batch, int shift)
    {
        int[] tokens = _fixture.File.Ints($"batch{batch}.tokens");
        int[] lengths = _fixture.File.Ints($"batch{batch}.lengths");
        Shape shape = _fixture.File.Shape($"batch{batch}.tokens");
        int[] labels = new int[tokens.Length];
        for (int i = 0; i < labels.Length; i++)
        {
            int t = i % shape[1];
            int length = lengths[i / shape[1]];
            labels[i] = t < length && t + shift >= 0 && t + shift < length ? tokens[i + shift] : -100;
        }

        return _fixture.Step.From<int>(labels, shape);
    }
}
