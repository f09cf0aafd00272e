using Engine.Nn;
using Engine.Pretraining.Models;
using Engine.Testing;
using Xunit;

namespace Engine.Pretraining.Tests.Models;

/// <summary>What position encodings, grouped heads and sliding windows promise, on a whole small decoder.</summary>
public sealed class DecoderPositionsTests : IDisposable
{
    private const int T = 24;
    private readonly CpuDevice _device = new();

    public static TheoryData<string, int, int> Decoders => new MatrixTheoryData<string, int, int>(LlamaConfig.Positions, [1, 2, 4], [0, 5]);

    public void Dispose() => _device.Dispose();

    [Theory]
    [MemberData(nameof(Decoders))]
    public void One_token_at_a_time_gives_what_the_whole_sequence_gives(string positions, int keyValueHeads, int window)
    {
        using Llama model = Model(positions, keyValueHeads, window);
        using StepScope step = new(_device, recording: false);
        int[] ids = Ids(1);
        float[] whole = model.NextTokenLogits(step.From<int>(ids, [1, T])).ToArray();
        using KeyValueCache cache = model.NewCache();
        float[] last = [];
        foreach (int[] part in new[] { ids[..7], ids[7..8], ids[8..20], ids[20..23], ids[23..] })
        {
            last = model.NextTokenLogits(step.From<int>(part, [1, part.Length]), cache).ToArray();
            step.Clear();
        }

        new Tolerance(1e-5, 1e-4).AssertClose([.. whole.Select(v => (double)v)], last, "cached logits");
    }

    [Theory]
    [MemberData(nameof(Decoders))]
    public void Later_tokens_are_never_seen(string positions, int keyValueHeads, int window)
    {
        using Llama model = Model(positions, keyValueHeads, window);
        int[] ids = Ids(1);
        float[] before = Hidden(model, ids);
        ids[15] = (ids[15] + 1) % 37;
        float[] after = Hidden(model, ids);
        Assert.Equal(before[..(15 * 16)], after[..(15 * 16)]);
        Assert.NotEqual(before[(15 * 16)..], after[(15 * 16)..]);
    }

    [Fact]
    public void A_sliding_window_reaches_one_window_further_with_each_layer()
    {
        // Two layers of window 5: position p sees p − 8 at most.
        using Llama model = Model("rotary", 4, window: 5);
        int[] ids = Ids(1);
        float[] before = Hidden(model, ids);
        ids[3] = (ids[3] + 1) % 37;
        float[] after = Hidden(model, ids);
        int[] changed = [.. Enumerable.Range(0, T).Where(t => !before.AsSpan(t * 16, 16).SequenceEqual(after.AsSpan(t * 16, 16)))];
        Assert.Equal(Enumerable.Range(3, 9), changed);
    }

    [Theory]
    [InlineData("rotary")]
    [InlineData("alibi")]
    [InlineData("none")]
    public void Relative_positions_do_not_change_when_everything_moves(string positions)
    {
        // With a window of 5 in two layers the last token depends on the last nine only, wherever they stand.
        using Llama model = Model(positions, 2, window: 5);
        int[] ids = Ids(1);
        float[] late = Hidden(model, ids)[^16..];
        float[] early = Hidden(model, ids[^9..])[^16..];
        new Tolerance(2e-5, 1e-4).AssertClose([.. late.Select(v => (double)v)], early, positions);
    }

    [Theory]
    [InlineData("learned")]
    [InlineData("sinusoidal")]
    public void Absolute_positions_do_change(string positions)
    {
        using Llama model = Model(positions, 2, window: 5);
        int[] ids = Ids(1);
        float[] late = Hidden(model, ids)[^16..];
        float[] early = Hidden(model, ids[^9..])[^16..];
        Assert.True(late.Zip(early, (a, b) => Math.Abs(a - b)).Max() > 1e-2);
    }

    [Fact]
    public void A_sequence_longer_than_the_positions_is_refused()
    {
        using Llama model = Model("rotary", 4, 0);
        using StepScope step = new(_device, recording: false);
        EngineException e = Assert.Throws<EngineException>(() => model.Hidden(step.From<int>(new int[T + 1], [1, T + 1])));
        Assert.Equal("Llama: input_ids (1, 25) are longer than max_position_embeddings, 24.", e.Message);
    }

    [Theory]
    [InlineData(3, 3, "num_attention_heads 3 does not divide hidden_size 16")]
    [InlineData(4, 3, "num_key_value_heads 3 does not divide num_attention_heads 4; each key head serves a group of query heads")]
    [InlineData(16, 16, "rotary positions turn pairs of columns, but a head has 1; choose an even hidden_size / num_attention_heads")]
    public void Shapes_that_make_no_model_are_refused(int heads, int keyValueHeads, string message)
    {
        LlamaConfig config = Config("rotary", keyValueHeads, 0) with { NumAttentionHeads = heads };
        Assert.Equal($"Llama: {message}.", Assert.Throws<EngineException>(config.Validated).Message);
    }

    private static LlamaConfig Config(string positions, int keyValueHeads, int window) => new()
    {
        VocabSize = 37, MaxPositionEmbeddings = T, HiddenSize = 16, NumHiddenLayers = 2, NumAttentionHeads = 4, NumKeyValueHeads = keyValueHeads, IntermediateSize = 24,
        PositionEmbedding = positions, SlidingWindow = window, TieWordEmbeddings = true,
    };

    // Weights large enough that attention is not nearly uniform.
    private Llama Model(string positions, int keyValueHeads, int window)
    {
        Llama model = new(_device, Config(positions, keyValueHeads, window), seed: 7);
        foreach (Parameter parameter in model.Parameters.Where(p => p.Master.Rank == 2))
        {
            parameter.Master.Load<float>([.. parameter.Master.ToArray().Select(v => v * 15)]);
        }

        return model;
    }

    private static int[] Ids(int seed) => [.. Enumerable.Range(0, T).Select(i => ((i * i * 5) + (i * 11) + seed) % 37)];

    private float[] Hidden(Llama model, int[] ids)
    {
        using StepScope step = new(_device, recording: false);
        return model.Hidden(step.From<int>(ids, [1, ids.Length])).ToArray();
    }
}
