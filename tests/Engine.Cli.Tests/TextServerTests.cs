using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Engine.Cli.Serving;
using Engine.Pretraining.Chat;
using Engine.Pretraining.Generation;
using Engine.Pretraining.Models;
using Engine.Pretraining.Tokenizers;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Cli.Tests;

/// <summary>A small model behind HTTP: what clients of the endpoints see, and what happens to those that misbehave or leave.</summary>
public sealed class TextServerTests : IAsyncLifetime
{
    private readonly CpuDevice _device = new(2);
    private readonly Gpt2 _model;
    private readonly CharTokenizer _tokenizer = CharTokenizer.FromText("\n abcdefghijklmnopqrstuvwxyz:.!?ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    private readonly ContinuousBatcher _batcher;
    private readonly TextServer _server;
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(60) };

    public TextServerTests()
    {
        _model = new Gpt2(_device, new Gpt2Config { VocabSize = _tokenizer.VocabSize, NPositions = 256, NEmbd = 32, NLayer = 2, NHead = 4 }, seed: 5);
        foreach (Nn.Parameter parameter in _model.Parameters.Where(p => p.Master.Rank == 2 && p.Name != "wte.weight"))
        {
            parameter.Master.Load<float>([.. parameter.Master.ToArray().Select(w => 6f * w)]);
        }

        _batcher = new ContinuousBatcher(_model, sequences: 4);
        _server = new TextServer(new ServedModel("small", _tokenizer, [], new HashSet<int>()), _batcher, new IPEndPoint(IPAddress.Loopback, 0), ChatTemplate.Open("plain"));
    }

    public async ValueTask InitializeAsync()
    {
        await _server.Start();
        _client.BaseAddress = _server.Address;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        _batcher.Dispose();
        _model.Dispose();
        _device.Dispose();
    }

    [Fact]
    public async Task A_completion_is_what_the_model_writes()
    {
        JsonElement answer = await Post("/v1/completions", """{"prompt": "abc", "max_tokens": 40, "temperature": 0, "model": "any"}""", HttpStatusCode.OK);
        JsonElement choice = answer.GetProperty("choices")[0];
        Assert.Equal(Alone("abc", 40), choice.GetProperty("text").GetString());
        Assert.Equal("length", choice.GetProperty("finish_reason").GetString());
        Assert.Equal("text_completion", answer.GetProperty("object").GetString());
        Assert.Equal((3, 40, 43), Usage(answer));
    }

    [Fact]
    public async Task Several_prompts_and_copies_make_choices_in_their_order()
    {
        JsonElement answer = await Post("/v1/completions", """{"prompt": ["abc", "Hello"], "n": 2, "max_tokens": 9, "temperature": 0}""", HttpStatusCode.OK);
        string[] texts = [.. answer.GetProperty("choices").EnumerateArray().Select(c => c.GetProperty("text").GetString()!)];
        Assert.Equal([Alone("abc", 9), Alone("abc", 9), Alone("Hello", 9), Alone("Hello", 9)], texts);
        Assert.Equal((8, 36, 44), Usage(answer));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stop_string_ends_a_text_before_it(bool stream)
    {
        string whole = Alone("abc", 60);
        string stop = whole[20..22];
        string expected = whole[..whole.IndexOf(stop, StringComparison.Ordinal)];
        string body = JsonSerializer.Serialize(new { prompt = "abc", max_tokens = 60, temperature = 0, stop, stream });
        if (stream)
        {
            (string text, string? reason) = await Streamed("/v1/completions", body, c => c.GetProperty("text").GetString()!);
            Assert.Equal((expected, "stop"), (text, reason));
            return;
        }

        JsonElement choice = (await Post("/v1/completions", body, HttpStatusCode.OK)).GetProperty("choices")[0];
        Assert.Equal((expected, "stop"), (choice.GetProperty("text").GetString(), choice.GetProperty("finish_reason").GetString()));
    }

    [Fact]
    public async Task A_chat_is_the_continuation_of_its_template_streamed_or_not()
    {
        const string Body = """{"messages": [{"role": "system", "content": "be kind"}, {"role": "user", "content": "hi"}], "max_completion_tokens": 30, "temperature": 0""";
        string expected = Alone("system: be kind\nuser: hi\nassistant:", 30);
        JsonElement answer = await Post("/v1/chat/completions", Body + "}", HttpStatusCode.OK);
        JsonElement message = answer.GetProperty("choices")[0].GetProperty("message");
        Assert.Equal(("assistant", expected), (message.GetProperty("role").GetString(), message.GetProperty("content").GetString()));
        (string text, string? reason) = await Streamed("/v1/chat/completions", Body + ", \"stream\": true}", c => c.GetProperty("delta").GetProperty("content").GetString()!);
        Assert.Equal((expected, "length"), (text, reason));
    }

    [Fact]
    public async Task Many_at_once_get_their_own_texts()
    {
        string[] prompts = [.. Enumerable.Range(0, 20).Select(i => new string((char)('a' + i), 1 + i))];
        JsonElement[] answers = await Task.WhenAll(prompts.Select(p => Post("/v1/completions", JsonSerializer.Serialize(new { prompt = p, max_tokens = 20 + p.Length, temperature = 0 }), HttpStatusCode.OK)));
        Assert.Equal(prompts.Select(p => Alone(p, 20 + p.Length)), answers.Select(a => a.GetProperty("choices")[0].GetProperty("text").GetString()));
    }

    [Fact]
    public async Task A_client_that_leaves_frees_what_it_held()
    {
        int free = _batcher.FreeTokens;
        for (int i = 0; i < 6; i++)
        {
            using HttpRequestMessage request = new(HttpMethod.Post, "/v1/completions") { Content = Json("""{"prompt": "abc", "max_tokens": 250, "stream": true}""") };
            using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            await using Stream body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
            await body.ReadExactlyAsync(new byte[10], TestContext.Current.CancellationToken);
        }

        // Half a request, and nothing more.
        using TcpClient slow = new();
        await slow.ConnectAsync(_server.Address.Host, _server.Address.Port, TestContext.Current.CancellationToken);
        await slow.GetStream().WriteAsync("POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"pro"u8.ToArray(), TestContext.Current.CancellationToken);
        await A_completion_is_what_the_model_writes();
        await Settled(free);
    }

    private async Task Settled(int free)
    {
        while (_batcher.Pending > 0)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        Assert.Equal(free, _batcher.FreeTokens);
    }

    [Fact]
    public async Task Streams_that_end_and_streams_that_are_left_give_their_pages_back()
    {
        int free = _batcher.FreeTokens;
        string[] texts = await Task.WhenAll(Enumerable.Range(0, 32).Select(async n =>
        {
            string body = JsonSerializer.Serialize(new { prompt = new string((char)('a' + (n % 26)), 1 + n), max_tokens = 30 + n, temperature = 0, stream = true });
            if (n % 4 > 0)
            {
                return (await Streamed("/v1/completions", body, c => c.GetProperty("text").GetString()!)).Text;
            }

            using HttpRequestMessage request = new(HttpMethod.Post, "/v1/completions") { Content = Json(body) };
            using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            return string.Empty;
        }));
        for (int n = 0; n < texts.Length; n++)
        {
            Assert.Equal(n % 4 > 0 ? Alone(new string((char)('a' + (n % 26)), 1 + n), 30 + n) : string.Empty, texts[n]);
        }

        await Settled(free);
    }

    // More than what buffers between the two hold, or nobody would have to wait for the client.
    [Fact]
    public async Task A_client_that_reads_a_byte_a_second_holds_up_nobody()
    {
        int free = _batcher.FreeTokens;
        string body = """{"prompt": "abc", "max_tokens": 250, "n": 128, "stream": true}""";
        using TcpClient slow = new() { ReceiveBufferSize = 4096 };
        await slow.ConnectAsync(_server.Address.Host, _server.Address.Port, TestContext.Current.CancellationToken);
        await slow.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: {body.Length}\r\n\r\n{body}"), TestContext.Current.CancellationToken);
        using CancellationTokenSource done = new();
        Task reading = Task.Run(async () =>
        {
            byte[] one = new byte[1];
            while (!done.IsCancellationRequested && await slow.GetStream().ReadAsync(one) > 0)
            {
                await Task.Delay(1000, done.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        });
        while (_batcher.Pending == 0)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        await A_completion_is_what_the_model_writes();
        await Many_at_once_get_their_own_texts();
        await Settled(free);
        await done.CancelAsync();
        slow.Close();
        await reading.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    [Theory]
    [InlineData("GARBAGE\r\n\r\n", "400")]
    [InlineData("POST /v1/completions HTTP/9.9\r\nHost: x\r\n\r\n", "505")]
    [InlineData("POST /v1/completions HTTP/1.1\r\n\r\n", "400")]
    [InlineData("POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: -4\r\n\r\n", "400")]
    [InlineData("POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n", "413")]
    [InlineData("POST /v1/completions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400")]
    [InlineData("\0\u0001\u0016\u0003\r\n\r\n", "400")]
    public async Task What_is_not_http_is_refused_and_the_next_request_is_served(string bytes, string status)
    {
        using TcpClient client = new();
        await client.ConnectAsync(_server.Address.Host, _server.Address.Port, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(bytes), TestContext.Current.CancellationToken);
        byte[] answer = new byte[12];
        await client.GetStream().ReadExactlyAsync(answer, TestContext.Current.CancellationToken);
        Assert.Equal($"HTTP/1.1 {status}", Encoding.ASCII.GetString(answer));
        await A_completion_is_what_the_model_writes();
    }

    [Fact]
    public async Task A_server_that_is_stopped_answers_what_it_has_begun()
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/completions") { Content = Json("""{"prompt": "abc", "max_tokens": 200, "temperature": 0, "stream": true}""") };
        using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Task drain = _server.Drain(TimeSpan.FromMinutes(2));
        string events = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        await drain;
        Assert.EndsWith("data: [DONE]\n\n", events, StringComparison.Ordinal);
        Assert.Contains("\"finish_reason\":\"length\"", events, StringComparison.Ordinal);
        await Assert.ThrowsAsync<HttpRequestException>(() => _client.GetAsync("/health", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_server_that_may_not_wait_cuts_off_what_it_has_begun()
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/completions") { Content = Json("""{"prompt": "abc", "max_tokens": 250, "n": 128, "stream": true}""") };
        using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        await _server.Drain(TimeSpan.Zero);
        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("{", 400, "the body is not JSON: line 1, byte 2.")]
    [InlineData("[1]", 400, "the body is not a JSON object.")]
    [InlineData("{}", 400, "prompt: expected a string or an array of strings.")]
    [InlineData("{\"prompt\": 3}", 400, "prompt: expected a string or an array of strings.")]
    [InlineData("{\"prompt\": []}", 400, "prompt: expected a string or an array of strings.")]
    [InlineData("{\"prompt\": \"\\ud800\"}", 400, "the body has a string that is not text.")]
    [InlineData("{\"prompt\": \"a\", \"temperature\": -1}", 400, "temperature: expected a number from 0 to 100.")]
    [InlineData("{\"prompt\": \"a\", \"max_tokens\": 1.5}", 400, "max_tokens: expected a whole number from 0 to 2147483647.")]
    [InlineData("{\"prompt\": \"a\", \"n\": 1000}", 400, "n: expected a whole number from 1 to 128.")]
    [InlineData("{\"prompt\": \"a\", \"stop\": [\"\"]}", 400, "generate: a stop string is empty, expected at least one character.")]
    [InlineData("{\"prompt\": \"a\", \"stream\": \"yes\"}", 400, "stream: expected true or false.")]
    public async Task A_wrong_request_is_refused_with_a_sentence(string body, int status, string message)
    {
        JsonElement answer = await Post("/v1/completions", body, (HttpStatusCode)status);
        Assert.Equal(message, answer.GetProperty("error").GetProperty("message").GetString());
    }

    [Fact]
    public async Task Other_mistakes_are_sentences_too()
    {
        Assert.Contains("messages: expected an array", Message(await Post("/v1/chat/completions", "{}", HttpStatusCode.BadRequest)), StringComparison.Ordinal);
        Assert.Contains("messages[0].role: expected a string", Message(await Post("/v1/chat/completions", "{\"messages\": [3]}", HttpStatusCode.BadRequest)), StringComparison.Ordinal);
        Assert.Contains("the prompt has 300 tokens", Message(await Post("/v1/completions", JsonSerializer.Serialize(new { prompt = new string('a', 300) }), HttpStatusCode.BadRequest)), StringComparison.Ordinal);
        Assert.Contains("there is no /v2", Message(await Post("/v2", "{}", HttpStatusCode.NotFound)), StringComparison.Ordinal);
        using HttpResponseMessage wrong = await _client.GetAsync("/v1/completions", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, wrong.StatusCode);

        // The body waits for the server's consent, or the refusal would meet a client that is still writing.
        using HttpRequestMessage tooLarge = new(HttpMethod.Post, "/v1/completions") { Content = Json(new string('x', 5 << 20)) };
        tooLarge.Headers.ExpectContinue = true;
        using HttpResponseMessage large = await _client.SendAsync(tooLarge, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
        JsonElement models = await _client.GetFromJsonAsync<JsonElement>("/v1/models", TestContext.Current.CancellationToken);
        Assert.Equal("small", models.GetProperty("data")[0].GetProperty("id").GetString());

        static string Message(JsonElement answer) => answer.GetProperty("error").GetProperty("message").GetString()!;
    }

    [Fact]
    public async Task A_model_that_fails_is_the_servers_fault_and_the_next_request_is_served()
    {
        Nn.Parameter table = _model.Parameters.Single(p => p.Name == "wte.weight");
        float[] right = table.Master.ToArray();
        table.Master.Load<float>([.. right.Select(_ => float.NaN)]);
        JsonElement answer = await Post("/v1/completions", "{\"prompt\": \"abc\"}", HttpStatusCode.InternalServerError);
        Assert.Equal("server_error", answer.GetProperty("error").GetProperty("type").GetString());
        Assert.Contains("not finite", answer.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        using HttpResponseMessage stream = await _client.PostAsync("/v1/completions", Json("{\"prompt\": \"abc\", \"stream\": true}"), TestContext.Current.CancellationToken);
        Assert.Contains("not finite", await stream.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(0, _batcher.Pending);
        table.Master.Load<float>(right);
        await A_completion_is_what_the_model_writes();
    }

    [Fact]
    public void No_body_makes_it_fail()
    {
        byte[] right = """{"prompt": "abc", "max_tokens": 3, "stop": ["x"], "messages": [{"role": "user", "content": "a"}], "seed": 4, "top_p": 0.5}"""u8.ToArray();
        ChatTemplate chatml = ChatTemplate.Open("chatml");
        Prop.ForAll(ArbMap.Default.GeneratorFor<byte[]>().ToArbitrary(), Gen.Choose(0, right.Length - 1).ToArbitrary(), ArbMap.Default.ArbFor<bool>(), (noise, at, chat) =>
        {
            byte[] body = noise.Length % 2 == 0 ? noise : [.. right[..at], .. noise.Take(2), .. right[at..]];
            try
            {
                CompletionRequest.Parse(body, chat, chatml, serial: 1);
            }
            catch (EngineException e)
            {
                return e.Message.EndsWith('.');
            }

            return true;
        }).QuickCheckThrowOnFailure();
    }

    private static (int Prompt, int Completion, int Total) Usage(JsonElement answer)
    {
        JsonElement usage = answer.GetProperty("usage");
        return (usage.GetProperty("prompt_tokens").GetInt32(), usage.GetProperty("completion_tokens").GetInt32(), usage.GetProperty("total_tokens").GetInt32());
    }

    // By a model of its own, since the server's is busy.
    private string Alone(string prompt, int tokens)
    {
        using CpuDevice device = new(1);
        using Gpt2 same = new(device, _model.Config, seed: 5);
        foreach ((Nn.Parameter to, Nn.Parameter from) in same.Parameters.Zip(_model.Parameters))
        {
            to.Master.Load<float>(from.Master.ToArray());
        }

        return _tokenizer.Decode([.. TextGenerator.Generate(same, _tokenizer.Encode(prompt), new SamplingOptions { Tokens = tokens, Temperature = 0f })]);
    }

    private async Task<JsonElement> Post(string path, string body, HttpStatusCode status)
    {
        using HttpResponseMessage response = await _client.PostAsync(path, Json(body), TestContext.Current.CancellationToken);
        Assert.Equal(status, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
    }

    private async Task<(string Text, string? Reason)> Streamed(string path, string body, Func<JsonElement, string> piece)
    {
        using HttpResponseMessage response = await _client.PostAsync(path, Json(body), TestContext.Current.CancellationToken);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        string[] events = (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.All(events, e => Assert.StartsWith("data: ", e, StringComparison.Ordinal));
        Assert.Equal("data: [DONE]", events[^1]);
        Assert.True(events.Length > 3);
        JsonElement[] choices = [.. events[..^1].Select(e => JsonDocument.Parse(e["data: ".Length..]).RootElement.GetProperty("choices")[0])];
        return (string.Concat(choices.Select(piece)), choices[^1].GetProperty("finish_reason").GetString());
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}
