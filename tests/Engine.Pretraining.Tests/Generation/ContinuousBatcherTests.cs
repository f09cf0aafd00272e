using Engine.Pretraining.Generation;
using Engine.Pretraining.Models;
using Xunit;

namespace Engine.Pretraining.Tests.Generation;

/// <summary>Texts written together are those written alone, whenever they come and go.</summary>
public sealed class ContinuousBatcherTests : IDisposable
{
    private const int Positions = 96;
    private static readonly HashSet<int> s_none = [];
    private readonly CpuDevice _device = new(2);
    private readonly Gpt2 _model;

    public ContinuousBatcherTests()
    {
        _model = new Gpt2(_device, new Gpt2Config { VocabSize = 61, NPositions = Positions, NEmbd = 32, NLayer = 2, NHead = 4 }, seed: 5).Outspoken();
    }

    public void Dispose()
    {
        _model.Dispose();
        _device.Dispose();
    }

    [Theory]
    [InlineData(16, 512, 4000)]
    [InlineData(3, 5, 4000)]
    [InlineData(16, 512, 100)]
    public void Texts_are_those_written_alone(int sequences, int passTokens, int poolTokens)
    {
        (int[] Prompt, SamplingOptions Options)[] wanted = [.. Enumerable.Range(0, 9).Select(n => (
            Enumerable.Range(0, 1 + (n * 5)).Select(i => (i * (n + 3)) % 61).ToArray(),
            new SamplingOptions { Tokens = 10 + (3 * n), Temperature = n % 2 == 0 ? 0f : 0.9f, TopK = n % 3 == 0 ? 7 : 0, RepetitionPenalty = n % 4 == 1 ? 1.3f : 1f, Seed = (ulong)n }))];
        using ContinuousBatcher batcher = new(_model, sequences, poolTokens, passTokens);
        List<TextRequest> requests = [];
        for (int n = 0; n < wanted.Length; n++)
        {
            requests.Add(batcher.Submit(wanted[n].Prompt, wanted[n].Options, s_none));
            batcher.Step();
            batcher.Step();
        }

        while (batcher.Step())
        {
        }

        Assert.Equal(0, batcher.Pending);
        for (int n = 0; n < wanted.Length; n++)
        {
            int[] alone = [.. TextGenerator.Generate(_model, wanted[n].Prompt, wanted[n].Options)];
            Assert.True(alone.Distinct().Count() > 1, "a text of one token shows nothing");
            Assert.Equal(alone, Written(requests[n]));
            Assert.Equal(FinishReason.Length, requests[n].Reason);
            Assert.Equal(wanted[n].Prompt.Length, requests[n].PromptTokens);
        }
    }

    [Fact]
    public void A_text_ends_at_an_end_token_at_the_context_and_when_nobody_wants_it()
    {
        using ContinuousBatcher batcher = new(_model, sequences: 4, poolTokens: 4 * Positions);
        SamplingOptions greedy = new() { Tokens = 1000, Temperature = 0f };
        int[] prompt = [1, 2, 3];
        int[] alone = [.. TextGenerator.Generate(_model, prompt, greedy with { Tokens = Positions - prompt.Length })];
        int end = alone.First(t => t != alone[0]);
        using CancellationTokenSource cancel = new();
        TextRequest whole = batcher.Submit(prompt, greedy, s_none);
        TextRequest ended = batcher.Submit(prompt, greedy, new HashSet<int> { end });
        TextRequest cancelled = batcher.Submit(prompt, greedy, s_none, cancel.Token);
        TextRequest nothing = batcher.Submit(prompt, greedy with { Tokens = 0 }, s_none);
        for (int i = 0; i < 5; i++)
        {
            batcher.Step();
        }

        cancel.Cancel();
        while (batcher.Step())
        {
        }

        Assert.Equal((alone.Length, FinishReason.Length), (Written(whole).Length, whole.Reason));
        Assert.Equal((Array.IndexOf(alone, end), FinishReason.Stop), (Written(ended).Length, ended.Reason));
        Assert.Equal((5, FinishReason.Cancelled), (Written(cancelled).Length, cancelled.Reason));
        Assert.Equal((0, FinishReason.Length), (Written(nothing).Length, nothing.Reason));
    }

    [Fact]
    public async Task Threads_ask_while_one_writes()
    {
        using ContinuousBatcher batcher = new(_model, sequences: 3, poolTokens: 300);
        using CancellationTokenSource stop = new();
        Task run = Task.Factory.StartNew(() => batcher.Run(stop.Token), TaskCreationOptions.LongRunning);
        int[][] texts = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => Task.Run(async () =>
        {
            TextRequest request = batcher.Submit([n, n + 1], new SamplingOptions { Tokens = 12, Temperature = 0f }, s_none);
            List<int> tokens = [];
            await foreach (int token in request.Tokens.ReadAllAsync())
            {
                tokens.Add(token);
            }

            return tokens.ToArray();
        })));
        TextRequest last = batcher.Submit([1], new SamplingOptions { Tokens = 90 }, s_none);
        await stop.CancelAsync();
        await run;
        Assert.True(last.Tokens.Completion.IsCompletedSuccessfully || last.Reason != FinishReason.None);
        for (int n = 0; n < texts.Length; n++)
        {
            Assert.Equal(TextGenerator.Generate(_model, [n, n + 1], new SamplingOptions { Tokens = 12, Temperature = 0f }), texts[n]);
        }
    }

    [Fact]
    public void Mistakes_are_sentences()
    {
        using ContinuousBatcher batcher = new(_model, sequences: 2);
        Assert.Contains("the prompt is empty", Says([]), StringComparison.Ordinal);
        Assert.Equal("generate: the prompt has 96 tokens and the model reads 96 with what it writes; shorten it.", Says(new int[Positions]));
        Assert.Equal("generate: the prompt has token 61, which is outside of the model's 61.", Says([61]));
        Assert.Contains("temperature", Assert.Throws<EngineException>(() => batcher.Submit([1], new SamplingOptions { Temperature = -1 }, s_none)).Message, StringComparison.Ordinal);
        Assert.Throws<EngineException>(() => new ContinuousBatcher(_model, sequences: 0));

        string Says(int[] prompt) => Assert.Throws<EngineException>(() => batcher.Submit(prompt, new SamplingOptions(), s_none)).Message;
    }

    private static int[] Written(TextRequest request)
    {
        List<int> tokens = [];
        while (request.Tokens.TryRead(out int token))
        {
            tokens.Add(token);
        }

        return [.. tokens];
    }
}
