using Engine.Nn;
using Engine.Pretraining.Models;
using Engine.Testing;
using Xunit;

namespace Engine.Pretraining.Tests.Models;

/// <summary>The original encoder-decoder: size, masks, embedding, and label smoothing.</summary>
public sealed class TransformerTests : IDisposable
{
    private const int V = 50;
    private readonly CpuDevice _device = new(2);
    private readonly Transformer _model;
    private readonly StepScope _step;

    public TransformerTests()
    {
        _model = new Transformer(_device, new TransformerConfig { VocabSize = V, DModel = 24, Layers = 2, Heads = 3, FfnDim = 40, MaxPositionEmbeddings = 16 }, seed: 4);
        _step = new StepScope(_device, recording: false);
    }

    public void Dispose()
    {
        _step.Dispose();
        _model.Dispose();
        _device.Dispose();
    }

    // Table 3 of the paper: 65 million for the base model, 213 for the big one, with "about 37,000" tokens.
    [Theory]
    [InlineData(512, 8, 2048, 65e6)]
    [InlineData(1024, 16, 4096, 213e6)]
    public void The_paper_s_models_have_about_its_number_of_parameters(int width, int heads, int inner, double expected)
    {
        using MetaDevice device = new();
        using Module model = new Transformer(device, new TransformerConfig { DModel = width, Heads = heads, FfnDim = inner });
        Assert.InRange(model.ParameterCount, 0.96 * expected, 1.04 * expected);
    }

    [Fact]
    public void A_target_token_depends_on_those_before_it_and_not_on_those_after()
    {
        Tensor source = Ids([3, 4, 5, 6, 7]);
        float[] logits = _model.Logits(source, Ids([1, 9, 10, 11])).ToArray();
        float[] changed = _model.Logits(source, Ids([1, 9, 20, 11])).ToArray();
        Assert.Equal(logits[..(2 * V)], changed[..(2 * V)]);
        Assert.NotEqual(logits[(2 * V)..(3 * V)], changed[(2 * V)..(3 * V)]);
        Assert.NotEqual(logits[(3 * V)..], changed[(3 * V)..]);
    }

    [Fact]
    public void Padding_behind_a_source_changes_nothing()
    {
        float[] plain = _model.Logits(Ids([3, 4, 5]), Ids([1, 9])).ToArray();
        float[] padded = _model.Logits(Ids([3, 4, 5, 0, 0]), Ids([1, 9]), Ids([1, 1, 1, 0, 0])).ToArray();
        new Tolerance(1e-5, 1e-5).AssertClose(plain, padded, "logits");
    }

    [Fact]
    public void The_loss_is_the_cross_entropy_with_smoothed_targets()
    {
        int[] labels = [9, 10, -100];
        float[] logits = _model.Logits(Ids([3, 4]), Ids([1, 9, 10])).ToArray();
        double expected = 0;
        for (int t = 0; t < 2; t++)
        {
            double[] row = [.. logits[(t * V)..((t + 1) * V)].Select(x => (double)x)];
            double lse = Math.Log(row.Sum(Math.Exp));
            expected -= ((0.9 * (row[labels[t]] - lse)) + (0.1 / V * row.Sum(x => x - lse))) / 2;
        }

        Assert.Equal(expected, _model.Loss(Ids([3, 4]), Ids([1, 9, 10]), Ids(labels)).Item(), 4);
    }

    [Fact]
    public void Every_parameter_gets_a_gradient()
    {
        using StepScope step = new(_device);
        step.Backward(_model.Loss(step.From<int>([3, 4], [1, 2]), step.From<int>([1, 9], [1, 2]), step.From<int>([9, 2], [1, 2])));
        Assert.Empty(_model.Unreached);
    }

    [Fact]
    public void Mistakes_are_sentences()
    {
        Assert.Equal(
            "transformer: a sequence of 17 tokens, (1, 17), is longer than max_position_embeddings, 16.",
            Assert.Throws<EngineException>(() => _model.Encode(Ids(new int[17]))).Message);
        Assert.Equal(
            "transformer: heads 7 do not divide d_model 512; each head needs d_model / heads columns.",
            Assert.Throws<EngineException>(() => new TransformerConfig { Heads = 7 }.Validated()).Message);
        Assert.StartsWith("transformer: vocab_size 0, ", Assert.Throws<EngineException>(() => new TransformerConfig { VocabSize = 0 }.Validated()).Message, StringComparison.Ordinal);
    }

    private Tensor Ids(int[] ids) => _step.From<int>(ids, [1, ids.Length]);
}
