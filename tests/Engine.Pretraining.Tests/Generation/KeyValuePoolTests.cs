using Engine.Nn;
using Engine.Pretraining.Models;
using Engine.Testing;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Pretraining.Tests.Generation;

/// <summary>Sequences that share a pool say what each says alone, and pages are handed out once.</summary>
public sealed class KeyValuePoolTests : IDisposable
{
    private readonly CpuDevice _device = new(2);

    public void Dispose() => _device.Dispose();

    [Theory]
    [InlineData("gpt2", "")]
    [InlineData("llama", "rotary")]
    [InlineData("llama", "learned")]
    [InlineData("llama", "sinusoidal")]
    [InlineData("llama", "rotary", 5)]
    public void Sequences_read_together_have_the_states_that_they_have_alone(string kind, string positions, int window = 0)
    {
        using CausalLanguageModel model = Model(kind, positions, window);
        using KeyValuePool pool = model.NewPool(400);
        using StepScope step = new(_device, recording: false);
        int[][] texts = [[.. Enumerable.Range(0, 90).Select(i => i * 7 % 61)], [.. Enumerable.Range(0, 40).Select(i => i * 5 % 61)], [3, 1, 4, 1, 5, 9, 2, 6]];
        KeyValueSpan[] spans = [.. texts.Select(t => pool.Reserve(t.Length)!)];

        // A prompt, then it goes on while another begins, then single tokens of all, then pieces.
        int[][] passes = [[70, 0, 0], [1, 30, 0], [1, 1, 3], [1, 1, 1], [17, 8, 4]];
        int[] read = new int[texts.Length];
        foreach (int[] counts in passes)
        {
            int[] members = [.. Enumerable.Range(0, texts.Length).Where(n => counts[n] > 0)];
            int[] ids = [.. members.SelectMany(n => texts[n].AsSpan(read[n], counts[n]).ToArray())];
            pool.Schedule(step, [.. members.Select(n => (spans[n], counts[n]))]);
            float[] together = model.Hidden(step.From<int>(ids, [1, ids.Length]), pool).ToArray();
            int at = 0;
            foreach (int n in members)
            {
                read[n] += counts[n];
                Assert.Equal(read[n], spans[n].Length);
                Tensor alone = model.Hidden(step.From<int>(texts[n].AsSpan(0, read[n]), [1, read[n]])).Slice(1, read[n] - counts[n], read[n]);
                int width = counts[n] * alone.Shape[2];
                new Tolerance(1e-4, 1e-4).AssertClose(alone.ToArray(), together.AsSpan(at, width), $"sequence {n} after {read[n]}");
                at += width;
            }

            step.Clear();
        }

        Assert.Equal(texts.Select(t => t.Length), read);
    }

    [Fact]
    public void Pages_belong_to_one_sequence_and_come_back() =>
        Prop.ForAll(Gen.Choose(1, 300).ArrayOf().ToArbitrary(), Gen.Choose(0, 9).ArrayOf().ToArbitrary(), (sizes, releases) =>
        {
            using KeyValuePool pool = new(_device, 1, 1, 1000, 2);
            int all = pool.FreeTokens;
            List<KeyValueSpan> held = [];
            foreach (int size in sizes)
            {
                KeyValueSpan? span = pool.Reserve(size);
                if (span is null)
                {
                    foreach (int r in releases.Where(r => r < held.Count))
                    {
                        pool.Release(held[r]);
                    }

                    held = [.. held.Where(s => !s.Released)];
                    continue;
                }

                Assert.True(span.Capacity >= size && span.Capacity < size + KeyValuePool.PageSize);
                Assert.DoesNotContain(held, h => h.First < span.First + span.Capacity && span.First < h.First + h.Capacity);
                held.Add(span);
                Assert.Equal(all, pool.FreeTokens + held.Sum(h => h.Capacity));
            }

            held.ForEach(pool.Release);
            held.ForEach(pool.Release);
            return pool.FreeTokens == all && pool.Reserve(all) is { } whole && pool.Reserve(1) is null && whole.Capacity == all;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Mistakes_are_sentences()
    {
        using CausalLanguageModel model = Model("llama", "alibi", 0);
        using KeyValuePool pool = model.NewPool(100);
        using StepScope step = new(_device, recording: false);
        KeyValueSpan span = pool.Reserve(10)!;
        Assert.Equal(
            "KeyValueCache: 0 tokens of a sequence are there and 65 more do not fit into 64.",
            Assert.Throws<EngineException>(() => pool.Schedule(step, [(span, 65)])).Message);
        Assert.Equal(
            "KeyValueCache: a sequence is scheduled twice in one pass; give all its tokens at once.",
            Assert.Throws<EngineException>(() => pool.Schedule(step, [(span, 2), (span, 1)])).Message);
        pool.Schedule(step, [(span, 2)]);
        Assert.StartsWith(
            "KeyValueCache: a bias of scores (ALiBi)",
            Assert.Throws<EngineException>(() => model.Hidden(step.From<int>([1, 2], [1, 2]), pool)).Message, StringComparison.Ordinal);
        pool.Release(span);
        Assert.Equal("KeyValueCache: a sequence was released and cannot go on.", Assert.Throws<EngineException>(() => pool.Schedule(step, [(span, 1)])).Message);
    }

    private CausalLanguageModel Model(string kind, string positions, int window)
    {
        CausalLanguageModel model = kind == "gpt2"
            ? new Gpt2(_device, new Gpt2Config { VocabSize = 61, NPositions = 128, NEmbd = 32, NLayer = 2, NHead = 4 }, seed: 5)
            : new Llama(_device, new LlamaConfig
            {
                VocabSize = 61, MaxPositionEmbeddings = 128, HiddenSize = 32, IntermediateSize = 64, NumHiddenLayers = 2, NumAttentionHeads = 4,
                NumKeyValueHeads = 2, PositionEmbedding = positions, SlidingWindow = window,
            }, seed: 5);
        return model.Outspoken();
    }
}
