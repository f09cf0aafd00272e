using Engine.Pretraining.Models;
using Xunit;

namespace Engine.Pretraining.Tests.Models;

/// <summary>Llama with grouped-query attention against PyTorch: outputs, gradients, the training curve, the trained weights.</summary>
public sealed class LlamaFixtureTests : IDisposable
{
    private readonly ModelFixture _fixture = new("model_llama");
    private readonly Llama _model;

    public LlamaFixtureTests() => _model = _fixture.Load(new Llama(_fixture.Device, new LlamaConfig
    {
        VocabSize = _fixture.Int("vocab_size"),
        MaxPositionEmbeddings = _fixture.File.Shape("batch0.input_ids")[1],
        HiddenSize = _fixture.Int("hidden_size"),
        NumHiddenLayers = _fixture.Int("num_hidden_layers"),
        NumAttentionHeads = _fixture.Int("num_attention_heads"),
        NumKeyValueHeads = _fixture.Int("num_key_value_heads"),
        IntermediateSize = _fixture.Int("intermediate_size"),
        RmsNormEps = _fixture.Float("rms_norm_eps"),
        RopeTheta = _fixture.Float("rope_theta"),
        TieWordEmbeddings = _fixture.Config.GetProperty("tie_word_embeddings").GetBoolean(),
    }));

    public void Dispose()
    {
        _model.Dispose();
        _fixture.Dispose();
    }

    [Fact]
    public void Hidden_states_and_logits()
    {
        _fixture.AssertOutput("hidden", _model.Hidden(Ids(0)));
        _fixture.AssertOutput("logits", _model.Logits(Ids(0)));
    }

    [Fact]
    public void Loss_and_gradients() => _fixture.AssertGradients(_model, Loss);

    [Fact]
    public void Training_curve_and_trained_weights() => _fixture.AssertTraining(_model, Loss);

    private Tensor Loss(int batch) => _model.Loss(Ids(batch), _fixture.Ints($"batch{batch}.labels"));

    private Tensor Ids(int batch) => _fixture.Ints($"batch{batch}.input_ids");
}
