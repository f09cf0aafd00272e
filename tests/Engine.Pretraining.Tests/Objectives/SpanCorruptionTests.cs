using Engine.Optim;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Objectives;
using Engine.Pretraining.Tests.Tokenizers;
using Engine.Pretraining.Tokenizers;
using Engine.Pretraining.Training;
using Xunit;

namespace Engine.Pretraining.Tests.Objectives;

public sealed class SpanCorruptionTests : IDisposable
{
    private static readonly PretrainConfig s_config = new()
    {
        Objective = "span-corruption", Model = "t5", Tokenizer = "byte", NLayer = 1, NHead = 2, NEmbd = 32, BlockSize = 32, BatchSize = 8, EvalBatches = 2,
    };

    private readonly CpuDevice _device = new(2);

    public void Dispose() => _device.Dispose();

    [Theory]
    [InlineData("spans", "relu")]
    [InlineData("spans", "gated-gelu")]
    [InlineData("prefix", "relu")]
    [InlineData("bert", "relu")]
    [InlineData("deshuffling", "relu")]
    public void Every_corruption_trains(string corruption, string feedForward)
    {
        using PretrainTask task = Task(s_config with { Corruption = corruption, FeedForwardProj = feedForward }, new MarkedBytes());
        using Adafactor optimizer = new(ParameterGroup.Split(task.Model.Parameters, 0), 0.05);
        double first = task.Evaluate();
        task.Train(optimizer, steps: 60);

        // From a uniform guess over 278 tokens, 5.6, towards the frequencies of letters, about 3.3.
        double last = task.Evaluate();
        Assert.InRange(first, 5.2, 7.5);
        Assert.True(last < 4.2, $"{first} → {last}");
        Assert.NotNull(task.Sample!(60));
    }

    [Fact]
    public void Figures_count_since_the_last_evaluation()
    {
        using PretrainTask task = Task(s_config, new MarkedBytes());
        task.Evaluate();
        EvaluationFigure accuracy = Assert.Single(task.Objective.TakeFigures());
        Assert.Equal("target_accuracy", accuracy.Name);
        Assert.InRange(accuracy.Value, 0, 1);
        Assert.Equal(0, task.Objective.TakeFigures()[0].Value);
    }

    [Fact]
    public void A_steady_step_allocates_nothing()
    {
        using PretrainTask task = Task(s_config, new MarkedBytes());
        task.AssertSteady();
    }

    [Fact]
    public void A_vocabulary_without_sentinels_is_refused() => Refused(
        "objective span-corruption: the vocabulary of tokenizer byte has no sentinels; take tokenizer = bpe with extra_ids above 0.",
        s_config, new ByteTokenizer());

    [Fact]
    public void More_spans_than_sentinels_are_refused() => Refused(
        "objective span-corruption: a text of 141 tokens has 7 spans, but the vocabulary of tokenizer byte has 3 sentinels; lower block_size or noise_density, or raise mean_noise_span_length.",
        s_config with { BlockSize = 128 }, new MarkedBytes(sentinels: 3));

    [Fact]
    public void A_sequence_without_room_for_a_span_is_refused() => Refused(
        "span corruption: block_size = 2 has no room for a kept token, a span's sentinel and the end token; take at least 4.",
        s_config with { BlockSize = 2 }, new MarkedBytes());

    [Fact]
    public void A_corpus_shorter_than_a_text_is_refused()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder.File("short.txt"), "To be, or not to be.");
        EngineException e = Assert.Throws<EngineException>(() => Task(s_config with { Data = folder.File("short.txt") }, new MarkedBytes()));
        Assert.Matches("short.txt: the training split has 18 of the corpus's 20 tokens, but one sequence needs ", e.Message);
    }

    private void Refused(string message, PretrainConfig config, ITokenizer tokenizer) =>
        Assert.Equal(message, Assert.Throws<EngineException>(() => Task(config, tokenizer)).Message);

    private PretrainTask Task(PretrainConfig config, ITokenizer tokenizer) =>
        ObjectiveCatalog.Get("span-corruption").Create(new TaskContext(_device, config, tokenizer));
}
