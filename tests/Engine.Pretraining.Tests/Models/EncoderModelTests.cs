using Engine.Nn;
using Engine.Pretraining.Models;
using Xunit;

namespace Engine.Pretraining.Tests.Models;

public sealed class EncoderModelTests : IDisposable
{
    private static readonly EncoderConfig s_small = new()
    {
        VocabSize = 50, HiddenSize = 16, EmbeddingSize = 16, NumHiddenLayers = 3, NumAttentionHeads = 4, IntermediateSize = 32, MaxPositionEmbeddings = 12,
    };

    private readonly CpuDevice _device = new();
    private readonly StepScope _step;
    private readonly List<Module> _models = [];

    public EncoderModelTests() => _step = new StepScope(_device);

    public void Dispose()
    {
        _step.Dispose();
        _models.ForEach(m => m.Dispose());
        _device.Dispose();
    }

    public static TheoryData<string> Kinds => ["bert", "roberta", "albert"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Padding_changes_nothing(string kind)
    {
        EncoderModel model = Own(Make(_device, kind, s_small));
        int[] ids = [2, 7, 9, 30, 3];
        float[] alone = Values([.. ids], 5, [1, 1, 1, 1, 1]);
        float[] padded = Values([.. ids, 8, 0, 1], 8, [1, 1, 1, 1, 1, 0, 0, 0]);
        for (int i = 0; i < alone.Length; i++)
        {
            Assert.Equal(alone[i], padded[i], 1e-5f);
        }

        // And without the mask it would.
        Assert.Contains(Values([.. ids, 8, 0, 1], 8, [1, 1, 1, 1, 1, 1, 1, 1]).Take(alone.Length).Zip(alone), p => Math.Abs(p.First - p.Second) > 1e-3f);

        float[] Values(int[] tokens, int T, int[] mask) =>
            model.Hidden(new EncoderInput(_step.From<int>(tokens, [1, T]), default, _step.From<int>(mask, [1, T]))).ToArray();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Packed_sequences_have_the_states_that_they_have_alone(string kind)
    {
        EncoderModel model = Own(Make(_device, kind, s_small));
        int[][] sequences = [[2, 7, 9, 30, 3], [2, 3], [2, 11, 12, 13, 14, 15, 16, 17, 3]];
        float[] alone = [.. sequences.SelectMany(s => model.Hidden(new EncoderInput(_step.From<int>(s, [1, s.Length]))).ToArray())];
        int[] ids = [.. sequences.SelectMany(s => s)];
        int[] positions = [.. sequences.SelectMany(s => Enumerable.Range(0, s.Length))];
        int[] starts = [0, 5, 7, 16];
        int[] ranges = [.. Enumerable.Range(0, 3).SelectMany(n => sequences[n].SelectMany(_ => new[] { starts[n], starts[n + 1] }))];
        Tensor hidden = model.Hidden(new EncoderInput(
            _step.From<int>(ids, [1, 16]), PositionIds: _step.From<int>(positions, [1, 16]), Ranges: _step.From<int>(ranges, [1, 16, 2])));
        float[] packed = hidden.ToArray();
        for (int i = 0; i < alone.Length; i++)
        {
            Assert.Equal(alone[i], packed[i], 1e-5f);
        }
    }

    [Theory]
    [InlineData("bert", 12)]
    [InlineData("roberta", 10)]
    [InlineData("albert", 12)]
    public void A_sequence_longer_than_the_positions_is_refused(string kind, int longest)
    {
        EncoderModel model = Own(Make(_device, kind, s_small));
        Assert.Equal(longest, model.MaxLength);
        Assert.Equal(longest, model.Hidden(Ids(longest)).Shape[1]);
        EngineException e = Assert.Throws<EngineException>(() => model.Hidden(Ids(longest + 1)));
        Assert.EndsWith($": input_ids (1, {longest + 1}) are longer than the {longest} positions that the model has.", e.Message, StringComparison.Ordinal);

        EncoderInput Ids(int T) => new(_step.From<int>(new int[T], [1, T]));
    }

    [Fact]
    public void The_gradient_of_a_shared_layer_is_the_sum_over_its_uses()
    {
        // The same numbers in a BERT with three layers of its own: its three gradients add up to ALBERT's one.
        EncoderConfig config = s_small;
        Albert shared = Own(new Albert(_device, config, seed: 3, pairs: false));
        Bert own = Own(new Bert(_device, config, seed: 4, BertHeads.Tokens));
        Dictionary<string, Parameter> from = shared.Parameters.ToDictionary(p => p.Name);

        // ALBERT's mapping from E to C is made the identity, which BERT does not have.
        Parameter mapping = from["albert.encoder.embedding_hidden_mapping_in.weight"];
        mapping.Value.Load<float>([.. Enumerable.Range(0, 16 * 16).Select(i => i % 17 == 0 ? 1f : 0f)]);
        foreach (Parameter p in own.Parameters)
        {
            p.Value.Load<float>(from[AlbertName(p.Name)].Value.ToArray());
        }

        int[] ids = [2, 7, 9, 30, 11, 3];
        foreach (EncoderModel model in (EncoderModel[])[shared, own])
        {
            Tensor hidden = model.Hidden(new EncoderInput(_step.From<int>(ids, [2, 3])));
            _step.Backward(model.TokenLogits(hidden.Reshape(6, 16)).CrossEntropy(_step.From<int>(ids, [6])));
            _step.Clear();
        }

        string[] layer = [.. from.Keys.Where(n => n.Contains("albert_layers.0", StringComparison.Ordinal))];
        Assert.Equal(16, layer.Length);
        foreach (string name in layer)
        {
            float[][] parts = [.. own.Parameters.Where(p => AlbertName(p.Name) == name).Select(p => p.Grad.ToArray())];
            Assert.Equal(3, parts.Length);
            float[] sum = from[name].Grad.ToArray();
            float largest = sum.Max(MathF.Abs);
            for (int i = 0; i < sum.Length; i++)
            {
                Assert.Equal(parts.Sum(p => p[i]), sum[i], (1e-4f * largest) + 1e-7f);
            }
        }
    }

    [Fact]
    public void Electra_shares_the_embeddings_and_nothing_else()
    {
        Electra model = Own(new Electra(_device, s_small with { HiddenSize = 128, EmbeddingSize = 24, IntermediateSize = 512 }));
        Assert.Equal((32, 1, 128), (model.Generator.HiddenSize, model.Generator.NumAttentionHeads, model.Generator.IntermediateSize));
        string[] tables = [.. model.Parameters.Select(p => p.Name).Where(n => n.Contains("embeddings.", StringComparison.Ordinal))];
        Assert.Equal(5, tables.Length);
        Assert.All(tables, n => Assert.StartsWith("discriminator.electra.embeddings.", n, StringComparison.Ordinal));

        // The generator's loss reaches the tables and the generator, the discriminator's all but the generator.
        EncoderInput input = new(_step.From<int>([2, 7, 9, 3], [1, 4]));
        _step.Backward(model.TokenLogits(input, _step.From<int>([1, 2], [2])).CrossEntropy(_step.From<int>([7, 9], [2])));
        Assert.All(model.Unreached, n => Assert.StartsWith("discriminator.", n, StringComparison.Ordinal));
        Assert.DoesNotContain(model.Unreached, n => n.Contains("embeddings.", StringComparison.Ordinal));
        model.ZeroGrad();
        _step.Clear();
        input = new EncoderInput(_step.From<int>([2, 7, 9, 3], [1, 4]));
        _step.Backward(model.ReplacedLogits(model.Hidden(input)).Mean());
        Assert.All(model.Unreached, n => Assert.StartsWith("generator.", n, StringComparison.Ordinal));
    }

    [Fact]
    public void The_span_boundary_heads_gradients_are_those_of_finite_differences()
    {
        const float H = 1e-2f;
        Bert model = Own(new Bert(_device, s_small, seed: 5, BertHeads.Spans));
        RandomStream random = new(6, 1);
        foreach (Parameter p in model.Parameters)
        {
            // Far from the start, where nearly nothing depends on anything.
            p.Value.Load<float>([.. p.Value.ToArray().Select(v => v + (0.3f * random.NextNormal()))]);
        }

        _step.Backward(Loss());
        _step.Clear();
        Parameter[] head = [.. model.Parameters.Where(p => p.Name.StartsWith("cls.pair_target_predictions.", StringComparison.Ordinal))];
        Assert.Equal(10, head.Length);
        foreach (Parameter p in head)
        {
            float[] start = p.Value.ToArray();
            float[] direction = [.. start.Select(_ => random.NextNormal())];
            float norm = MathF.Sqrt(direction.Sum(d => d * d));
            double expected = p.Grad.ToArray().Zip(direction, (g, d) => (double)g * d / norm).Sum();
            double change = At(H) - At(-H);
            p.Value.Load<float>(start);
            Assert.Equal(expected, change / (2 * H), 2e-3 + (0.02 * Math.Abs(expected)));

            double At(float h)
            {
                p.Value.Load<float>([.. start.Zip(direction, (v, d) => v + (h * d / norm))]);
                double loss = Loss().Item();
                _step.Clear();
                return loss;
            }
        }

        // Two spans: tokens 2 … 3 between rows 1 and 4 of the first sequence, token 3 between 2 and 4 of the second.
        Tensor Loss()
        {
            Tensor hidden = model.Hidden(new EncoderInput(Ints([2, 7, 9, 30, 11, 3, 2, 40, 41, 42, 43, 3]).Reshape(2, 6)));
            return model.SpanLogits(hidden, Ints([1, 1, 8]), Ints([4, 4, 10]), Ints([0, 1, 0])).CrossEntropy(Ints([9, 30, 42]));
        }

        Tensor Ints(ReadOnlySpan<int> values) => _step.From(values, [values.Length]);
    }

    [Fact]
    public void A_shape_that_makes_no_model_is_refused()
    {
        string Message(EncoderConfig config) => Assert.Throws<EngineException>(() => new Bert(_device, config)).Message;
        Assert.Contains("num_attention_heads 5 does not divide hidden_size 16", Message(s_small with { NumAttentionHeads = 5 }), StringComparison.Ordinal);
        Assert.Contains("num_hidden_layers 0", Message(s_small with { NumHiddenLayers = 0 }), StringComparison.Ordinal);
        Assert.Contains("hidden_act 'relu' is unknown", Message(s_small with { HiddenAct = "relu" }), StringComparison.Ordinal);
        Roberta none = Own(new Roberta(_device, s_small));
        Assert.Contains("has no head for pairs", Assert.Throws<EngineException>(() => none.PairLogits(default)).Message, StringComparison.Ordinal);
    }

    private TModel Own<TModel>(TModel model)
        where TModel : Module
    {
        _models.Add(model);
        return model;
    }

    private static EncoderModel Make(Device device, string kind, EncoderConfig config) => kind switch
    {
        "roberta" => new Roberta(device, config),
        "albert" => new Albert(device, config with { EmbeddingSize = 8 }),
        _ => new Bert(device, config),
    };

    // What a parameter of BERT is called in ALBERT; all layers have one name there.
    private static string AlbertName(string bert)
    {
        string name = bert.Replace("cls.predictions.transform.", "predictions.", StringComparison.Ordinal).Replace("cls.predictions.", "predictions.", StringComparison.Ordinal);
        if (!name.StartsWith("bert.encoder.layer.", StringComparison.Ordinal))
        {
            return name.Replace("bert.", "albert.", StringComparison.Ordinal);
        }

        string part = name["bert.encoder.layer.0.".Length..]
            .Replace("attention.self.", "attention.", StringComparison.Ordinal)
            .Replace("attention.output.", "attention.", StringComparison.Ordinal)
            .Replace("intermediate.dense.", "ffn.", StringComparison.Ordinal)
            .Replace("output.dense.", "ffn_output.", StringComparison.Ordinal);
        return "albert.encoder.albert_layer_groups.0.albert_layers.0." + (part.StartsWith("output.LayerNorm", StringComparison.Ordinal)
            ? part.Replace("output.LayerNorm", "full_layer_layer_norm", StringComparison.Ordinal)
            : part);
    }
}
