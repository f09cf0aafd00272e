using Engine.Pretraining.Models;
using Engine.Testing;
using Xunit;

namespace Engine.Pretraining.Tests.Models;

/// <summary>GPT-2 against PyTorch: outputs, gradients, the training curve, the trained weights, greedy text.</summary>
public sealed class Gpt2FixtureTests : IDisposable
{
    private readonly ModelFixture _fixture = new("model_gpt2");
    private readonly Gpt2 _model;

    public Gpt2FixtureTests() => _model = _fixture.Load(new Gpt2(_fixture.Device, new Gpt2Config
    {
        VocabSize = _fixture.Int("vocab_size"),
        NPositions = _fixture.Int("n_positions"),
        NEmbd = _fixture.Int("n_embd"),
        NLayer = _fixture.Int("n_layer"),
        NHead = _fixture.Int("n_head"),
        LayerNormEpsilon = _fixture.Float("layer_norm_epsilon"),
        ActivationFunction = _fixture.Config.GetProperty("activation").GetString()!,
    }));

    public void Dispose()
    {
        _model.Dispose();
        _fixture.Dispose();
    }

    [Fact]
    public void Hidden_states_and_logits()
    {
        Fixture file = _fixture.File;
        _fixture.AssertOutput("hidden", _model.Hidden(Ids(0)));
        _fixture.AssertOutput("logits", _model.Logits(Ids(0)));
        Shape last = file.Shape("out.logits");
        float[] next = _model.NextTokenLogits(Ids(0)).ToArray();
        double[] all = file.Doubles("out.logits");
        double[] expected = [.. Enumerable.Range(0, last[0]).SelectMany(b => all.Skip(((b * last[1]) + last[1] - 1) * last[2]).Take(last[2]))];
        new Tolerance(1e-4, 1e-4).AssertClose(expected, next, "next-token logits");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Loss_and_gradients(bool checkpointing)
    {
        _model.Checkpointing = checkpointing;
        _fixture.AssertGradients(_model, Loss);
    }

    [Fact]
    public void Training_curve_trained_weights_and_greedy_text()
    {
        _fixture.AssertTraining(_model, Loss);
        Assert.Equal(_fixture.File.Ints("gen.greedy"), Greedy(_fixture.File.Shape("gen.greedy")[1]));
    }

    private int[] Greedy(int length)
    {
        List<int> tokens = [.. _fixture.File.Ints("gen.greedy").Take(5)];
        while (tokens.Count < length)
        {
            float[] scores = _model.NextTokenLogits(_fixture.Step.From<int>([.. tokens], [1, tokens.Count])).ToArray();
            tokens.Add(Array.IndexOf(scores, scores.Max()));
            _fixture.Step.Clear();
        }

        return [.. tokens];
    }

    private Tensor Loss(int batch) => _model.Loss(Ids(batch), _fixture.Ints($"batch{batch}.labels"));

    private Tensor Ids(int batch) => _fixture.Ints($"batch{batch}.input_ids");
}
