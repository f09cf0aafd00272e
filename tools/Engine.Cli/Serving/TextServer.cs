using System.Buffers;
using System.Net;
using System.Text;
using Engine.Pretraining.Chat;
using Engine.Pretraining.Generation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Engine.Cli.Serving;

/// <summary>
/// A model behind HTTP, with the endpoints that OpenAI's clients know: <c>POST /v1/completions</c>, <c>POST /v1/chat/completions</c> (whole
/// answers or server-sent events), <c>GET /v1/models</c>, and <c>GET /health</c>. Requests are written together
/// (<see cref="ContinuousBatcher"/>); one whose client is gone ends and frees what it held.
/// </summary>
internal sealed class TextServer : IAsyncDisposable
{
    private const long MostBytes = 4 << 20;

    private readonly ServedModel _model;
    private readonly ContinuousBatcher _batcher;
    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stop = new();
    private readonly ChatTemplate _template;
    private long _serial;

    /// <param name="model">What is served.</param>
    /// <param name="batcher">Its batcher, which the server runs.</param>
    /// <param name="address">Where to listen; port 0 takes a free one.</param>
    /// <param name="template">How conversations become prompts.</param>
    public TextServer(ServedModel model, ContinuousBatcher batcher, IPEndPoint address, ChatTemplate template)
    {
        (_model, _batcher, _template) = (model, batcher, template);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = MostBytes;
            options.Listen(address);
        });
        _app = builder.Build();
        _app.Run(Answer);
    }

    /// <summary>The writing of texts; ends only if the server is stopped or fails.</summary>
    public Task Writing { get; private set; } = Task.CompletedTask;

    /// <summary>Where it listens.</summary>
    public Uri Address => new(_app.Urls.First());

    /// <summary>Begins to serve.</summary>
    /// <exception cref="EngineException">The address is taken or not this machine's.</exception>
    public async Task Start()
    {
        Writing = Task.Factory.StartNew(() => _batcher.Run(_stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            await _app.StartAsync();
        }
        catch (IOException e)
        {
            throw new EngineException($"engine serve: cannot listen: {e.Message.TrimEnd('.')}. Take another --port.", e);
        }
    }

    /// <summary>Takes no more requests, and waits until those that are here are answered.</summary>
    /// <param name="most">The longest wait; what is not answered then is cut off.</param>
    public async Task Drain(TimeSpan most)
    {
        using CancellationTokenSource late = new(most);
        await _app.StopAsync(late.Token);
    }

    /// <summary>Ends the texts that are being written and frees the address.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAny(Writing);
        await _app.DisposeAsync();
        _stop.Dispose();
    }

    private Task Answer(HttpContext context)
    {
        string path = context.Request.Path.Value ?? string.Empty;
        (string method, Func<HttpContext, Task> answer)? route = path switch
        {
            "/v1/completions" => ("POST", c => Complete(c, chat: false)),
            "/v1/chat/completions" => ("POST", c => Complete(c, chat: true)),
            "/v1/models" => ("GET", Models),
            "/health" => ("GET", c => Send(c, 200, CompletionJson.Write(w => w.WriteNumber("pending", _batcher.Pending)))),
            _ => null,
        };
        return route is not { } found ? Refuse(context, 404, $"there is no {path}; see /v1/completions, /v1/chat/completions, /v1/models and /health.")
            : context.Request.Method != found.method ? Refuse(context, 405, $"{path} takes {found.method}.")
            : found.answer(context);
    }

    private Task Models(HttpContext context) => Send(context, 200, CompletionJson.Write(w =>
    {
        w.WriteString("object", "list");
        w.WriteStartArray("data");
        w.WriteStartObject();
        w.WriteString("id", _model.Name);
        w.WriteString("object", "model");
        w.WriteString("owned_by", "engine");
        w.WriteEndObject();
        w.WriteEndArray();
    }));

    private async Task Complete(HttpContext context, bool chat)
    {
        long serial = Interlocked.Increment(ref _serial);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stop.Token);
        try
        {
            CompletionRequest request;
            ServedText[] texts;
            try
            {
                request = CompletionRequest.Parse(await Body(context), chat, _template, serial);
                texts = Submit(request, stop.Token);
            }
            catch (EngineException e)
            {
                await Refuse(context, 400, e.Message);
                return;
            }

            try
            {
                CompletionJson json = new(_model.Name, serial, chat, request.Stream);
                await (request.Stream ? Stream(context, json, texts, stop.Token) : Whole(context, json, texts, request.Copies, stop.Token));
            }
            finally
            {
                // Also if only one of several has failed.
                await stop.CancelAsync();
            }
        }
        catch (EngineException e) when (!context.Response.HasStarted)
        {
            await Refuse(context, 500, e.Message);
        }
        catch (BadHttpRequestException e)
        {
            await Refuse(context, e.StatusCode, e.Message);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted)
        {
            await Refuse(context, 503, "the server is stopping.");
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The client is gone, or the server is stopping amid a stream.
        }
    }

    private ServedText[] Submit(CompletionRequest request, CancellationToken stop)
    {
        List<ServedText> texts = [];
        foreach (string prompt in request.Prompts)
        {
            int[] tokens = request.IsChat ? ChatTemplate.Encode(_model.Tokenizer, prompt, _model.Begin) : [.. _model.Begin, .. _model.Tokenizer.Encode(prompt)];
            for (int n = 0; n < request.Copies; n++)
            {
                SamplingOptions options = request.Options with { Seed = request.Options.Seed + (ulong)n };
                texts.Add(new ServedText(texts.Count, _batcher.Submit(tokens.Length > 0 ? tokens : Prompt.Default(_model.Tokenizer), options, _model.End, stop), _model.Tokenizer, options.Stop));
            }
        }

        return [.. texts];
    }

    private static async Task Whole(HttpContext context, CompletionJson json, ServedText[] texts, int copies, CancellationToken stop)
    {
        List<CompletionJson.Choice> choices = [];
        foreach (ServedText text in texts)
        {
            StringBuilder all = new();
            await foreach (string piece in text.Pieces(stop))
            {
                all.Append(piece);
            }

            choices.Add(new CompletionJson.Choice(text.Index, all.ToString(), text.Reason));
        }

        // A prompt of several copies is counted once.
        int prompts = texts.Where(t => t.Index % copies == 0).Sum(t => t.Request.PromptTokens);
        await Send(context, 200, json.Answer(choices, prompts, texts.Sum(t => t.Count)));
    }

    private static async Task Stream(HttpContext context, CompletionJson json, ServedText[] texts, CancellationToken stop)
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-cache";
        using SemaphoreSlim writing = new(1);
        await Task.WhenAll(texts.Select(async text =>
        {
            try
            {
                await foreach (string piece in text.Pieces(stop))
                {
                    await Event(json.Piece(new CompletionJson.Choice(text.Index, piece, null)));
                }

                await Event(json.Piece(new CompletionJson.Choice(text.Index, string.Empty, text.Reason)));
            }
            catch (EngineException e)
            {
                await Event(CompletionJson.Error(e.Message, "server_error"));
            }
        }));
        await Event("[DONE]"u8.ToArray());

        async Task Event(byte[] data)
        {
            await writing.WaitAsync(stop);
            try
            {
                context.Response.BodyWriter.Write("data: "u8);
                context.Response.BodyWriter.Write(data);
                context.Response.BodyWriter.Write("\n\n"u8);
                await context.Response.BodyWriter.FlushAsync(stop);
            }
            finally
            {
                writing.Release();
            }
        }
    }

    private static async Task<ReadOnlyMemory<byte>> Body(HttpContext context)
    {
        using MemoryStream body = new();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    private static Task Refuse(HttpContext context, int status, string message) =>
        Send(context, status, CompletionJson.Error(message, status >= 500 ? "server_error" : "invalid_request_error"));

    private static async Task Send(HttpContext context, int status, byte[] body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }
}
