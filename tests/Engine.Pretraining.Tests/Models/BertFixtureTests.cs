using Engine.Pretraining.Models;
using Xunit;

namespace Engine.Pretraining.Tests.Models;

/// <summary>BERT against PyTorch: outputs, gradients and the training curve of both losses, on padded batches of two segments.</summary>
public sealed class BertFixtureTests : IDisposable
{
    private readonly ModelFixture _fixture = new("model_bert");
    private readonly Bert _model;

    public BertFixtureTests() => _model = _fixture.Load(new Bert(_fixture.Device, new EncoderConfig
    {
        VocabSize = _fixture.Int("vocab_size"),
        HiddenSize = _fixture.Int("hidden_size"),
        EmbeddingSize = _fixture.Int("hidden_size"),
        NumHiddenLayers = _fixture.Int("num_hidden_layers"),
        NumAttentionHeads = _fixture.Int("num_attention_heads"),
        IntermediateSize = _fixture.Int("intermediate_size"),
        MaxPositionEmbeddings = _fixture.Int("max_position_embeddings"),
        TypeVocabSize = _fixture.Int("type_vocab_size"),
        LayerNormEps = _fixture.Float("layer_norm_eps"),
        HiddenAct = _fixture.Config.GetProperty("hidden_act").GetString()!,
    }));

    public void Dispose()
    {
        _model.Dispose();
        _fixture.Dispose();
    }

    [Fact]
    public void Hidden_states_pooled_state_and_both_scores()
    {
        Tensor hidden = _model.Hidden(Input(0));
        _fixture.AssertOutput("hidden", hidden);
        _fixture.AssertOutput("mlm_logits", _model.TokenLogits(hidden));
        _fixture.AssertOutput("pooled", _model.Pooled(hidden));
        _fixture.AssertOutput("nsp_logits", _model.PairLogits(hidden));
    }

    [Fact]
    public void Loss_and_gradients() => _fixture.AssertGradients(_model, Loss);

    [Fact]
    public void Training_curve_and_trained_weights() => _fixture.AssertTraining(_model, Loss);

    private EncoderInput Input(int batch) =>
        new(Ints(batch, "input_ids"), Ints(batch, "token_type_ids"), Ints(batch, "attention_mask"));

    // Only the rows that have a label get scores, as in the objective.
    private Tensor Loss(int batch)
    {
        int[] labels = _fixture.File.Ints($"batch{batch}.labels");
        int[] rows = [.. Enumerable.Range(0, labels.Length).Where(i => labels[i] != -100)];
        Tensor hidden = _model.Hidden(Input(batch));
        Tensor logits = _model.TokenLogits(EncoderModel.Rows(hidden, _fixture.Step.From<int>(rows, [rows.Length])));
        Tensor tokens = logits.CrossEntropy(_fixture.Step.From<int>([.. rows.Select(r => labels[r])], [rows.Length]));
        return tokens + _model.PairLogits(hidden).CrossEntropy(Ints(batch, "next_sentence_label"));
    }

    private Tensor Ints(int batch, string name) => _fixture.Ints($"batch{batch}.{name}");
}
