using Engine.Nn;
using Engine.Pretraining.Generation;
using Engine.Pretraining.Models;
using Engine.Testing;
using Xunit;

namespace Engine.Pretraining.Tests.Generation;

/// <summary>What a model says with a cache is what it says without: logits, greedy and drawn tokens, past the end of the context.</summary>
public sealed class KeyValueCacheTests : IDisposable
{
    private const int Positions = 24;

    private readonly CpuDevice _device = new(2);
    private readonly Gpt2 _model;

    public KeyValueCacheTests()
    {
        _model = new Gpt2(_device, new Gpt2Config { VocabSize = 61, NPositions = Positions, NEmbd = 48, NLayer = 3, NHead = 4 }, seed: 5).Outspoken();
    }

    public void Dispose()
    {
        _model.Dispose();
        _device.Dispose();
    }

    [Fact]
    public void Logits_of_a_text_read_in_pieces_are_those_of_the_whole()
    {
        const int B = 2;
        int[] ids = Tokens(B * Positions, seed: 1);
        using StepScope step = new(_device, recording: false);
        using KeyValueCache cache = _model.NewCache(B);
        int end = 0;
        foreach (int T in new[] { 5, 1, 1, 9, 2, 6 })
        {
            int start = end;
            end += T;
            float[] pieces = _model.NextTokenLogits(step.From<int>(Columns(ids, start, end), [B, T]), cache).ToArray();
            float[] whole = _model.NextTokenLogits(step.From<int>(Columns(ids, 0, end), [B, end])).ToArray();
            new Tolerance(1e-4, 1e-4).AssertClose(whole, pieces, $"after {end} tokens");
            Assert.Equal(end, cache.Length);
        }
    }

    [Theory]
    [InlineData(0f, 3)]
    [InlineData(0f, 40)]
    [InlineData(1f, 3)]
    [InlineData(0.7f, 40)]
    public void Tokens_are_those_of_a_model_that_reads_everything_again(float temperature, int promptLength)
    {
        SamplingOptions options = new() { Tokens = 3 * Positions, Temperature = temperature, TopK = temperature > 0 ? 20 : 0, Seed = 3 };
        int[] prompt = Tokens(promptLength, seed: 2);
        int[] expected = WithoutCache(prompt, options);
        Assert.True(expected.Distinct().Count() > 1, "a text of one token shows nothing");
        Assert.Equal(expected, TextGenerator.Generate(_model, prompt, options));
    }

    [Theory]
    [InlineData(DType.BFloat16)]
    [InlineData(DType.Int8)]
    public void So_are_those_of_a_model_with_smaller_weights(DType weights)
    {
        _model.StoreAs(weights);
        SamplingOptions options = new() { Tokens = 3 * Positions, Temperature = 0f };
        int[] prompt = Tokens(7, seed: 2);
        int[] expected = WithoutCache(prompt, options);
        Assert.True(expected.Distinct().Count() > 1, "a text of one token shows nothing");
        Assert.Equal(expected, TextGenerator.Generate(_model, prompt, options));
    }

    [Theory]
    [InlineData(DType.Float32)]
    [InlineData(DType.BFloat16)]
    [InlineData(DType.Int8)]
    public void A_token_allocates_no_managed_memory(DType weights)
    {
        _model.StoreAs(weights);
        SamplingOptions options = new() { Tokens = 5000, TopK = 5, TopP = 0.9f };
        using IEnumerator<int> tokens = TextGenerator.Generate(_model, Tokens(4, seed: 2), options).GetEnumerator();

        // Everything has grown to its size once the context has been full twice.
        for (int i = 0; i < 2 * Positions; i++)
        {
            Assert.True(tokens.MoveNext());
        }

        Assert.Equal(0, Allocations.Of(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                Assert.True(tokens.MoveNext());
            }
        }));
    }

    [Fact]
    public void Grouped_queries_read_the_heads_of_their_group()
    {
        using StepScope step = new(_device, recording: false);
        using KeyValueCache cache = new(_device, layers: 2, batch: 1, heads: 2, capacity: 10, headSize: 8);
        RandomStream random = new(7, stream: 0);
        Tensor Random(int heads, int T) =>
            step.From<float>([.. Enumerable.Range(0, heads * T * 8).Select(_ => random.NextNormal())], [1, heads, T, 8]);
        Tensor k = Random(2, 7);
        Tensor v = Random(2, 7);
        Tensor q = Random(6, 7);
        float[] whole = q.ScaledDotProductAttention(k, v, new(Causal: true)).Slice(2, 4, 7).ToArray();
        cache.Append(1, k.Slice(2, 0, 4), v.Slice(2, 0, 4), out _, out _);
        cache.Advance(4);
        cache.Append(1, k.Slice(2, 4, 7), v.Slice(2, 4, 7), out Tensor keys, out Tensor values);
        float[] pieces = q.Slice(2, 4, 7).ScaledDotProductAttention(keys, values, new(Causal: true)).ToArray();
        new Tolerance(1e-6, 1e-5).AssertClose(whole, pieces, "grouped queries");
    }

    [Fact]
    public void Mistakes_are_sentences()
    {
        using StepScope step = new(_device, recording: false);
        using StepScope recording = new(_device);
        using KeyValueCache cache = new(_device, layers: 1, batch: 1, heads: 2, capacity: 3, headSize: 4);
        Tensor x = step.Empty([1, 2, 4, 4]);
        Assert.StartsWith(
            "KeyValueCache: 0 tokens are there and 4 more do not fit into 3;",
            Assert.Throws<EngineException>(() => cache.Append(0, x, x, out _, out _)).Message, StringComparison.Ordinal);
        Tensor r = recording.Empty([1, 2, 1, 4]);
        Assert.Contains("recording: false", Assert.Throws<EngineException>(() => cache.Append(0, r, r, out _, out _)).Message, StringComparison.Ordinal);
        Tensor other = step.Empty([1, 3, 1, 4]);
        Assert.StartsWith("KeyValueCache: k has shape", Assert.Throws<EngineException>(() => cache.Append(0, other, other, out _, out _)).Message, StringComparison.Ordinal);
        Assert.Throws<EngineException>(() => new KeyValueCache(_device, 1, 1, 0, 3, 4));
        using KeyValueCache wider = new(_device, layers: 1, batch: 3, heads: 2, capacity: 3, headSize: 8);
        Assert.Contains("cannot be copied to sequence 0", Assert.Throws<EngineException>(() => wider.CopyRow(step, cache, 0, 0, 0, 2)).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be copied to sequence 3 of 3", Assert.Throws<EngineException>(() => wider.CopyRow(step, wider, 0, 3, 0, 2)).Message, StringComparison.Ordinal);
        Assert.Throws<EngineException>(() => wider.CopyRow(step, wider, 0, 1, 2, 4));
    }

    // The rule of TextGenerator with every token read again: a full context goes on with its latest half.
    private int[] WithoutCache(int[] prompt, SamplingOptions options)
    {
        TokenSampler sampler = new(options);
        using StepScope step = new(_device, recording: false);
        List<int> context = [.. prompt.TakeLast(Positions)];
        List<int> written = [];
        while (written.Count < options.Tokens)
        {
            int token = sampler.Next(_model.NextTokenLogits(step.From<int>([.. context], [1, context.Count])).ToArray());
            step.Clear();
            context = context.Count == Positions ? [.. context.TakeLast(Positions / 2)] : context;
            context.Add(token);
            written.Add(token);
        }

        return [.. written];
    }

    private static int[] Columns(int[] ids, int start, int end) => [.. ids[start..end], .. ids[(Positions + start)..(Positions + end)]];

    private static int[] Tokens(int count, ulong seed)
    {
        RandomStream random = new(seed, stream: 9);
        return [.. Enumerable.Range(0, count).Select(_ => (int)(random.NextUniform() * 61))];
    }
}
