using System.Threading.Channels;
using Engine.Nn;

namespace Engine.Pretraining.Generation;

/// <summary>Why a text has ended.</summary>
public enum FinishReason
{
    /// <summary>It is still being written.</summary>
    None,

    /// <summary>The model wrote a token that ends texts.</summary>
    Stop,

    /// <summary>As many tokens as asked for, or as the model can read.</summary>
    Length,

    /// <summary>Nobody wants it any more.</summary>
    Cancelled,
}

/// <summary>A text that a <see cref="ContinuousBatcher"/> writes.</summary>
public sealed class TextRequest
{
    private readonly Channel<int> _written = Channel.CreateUnbounded<int>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly TokenSampler _sampler;
    private readonly IReadOnlySet<int> _end;
    private readonly int[] _text;
    private readonly CancellationToken _stop;
    private volatile bool _unwanted;

    internal TextRequest(IReadOnlyList<int> prompt, int limit, SamplingOptions options, IReadOnlySet<int> end, CancellationToken stop)
    {
        (_sampler, _end, _stop, PromptTokens) = (new TokenSampler(options), end, stop, prompt.Count);
        _text = [.. prompt, .. new int[limit]];
        Count = prompt.Count;
    }

    /// <summary>The tokens as they are written. Ends with the text; throws what went wrong.</summary>
    public ChannelReader<int> Tokens => _written.Reader;

    /// <summary>Tokens of the prompt.</summary>
    public int PromptTokens { get; }

    /// <summary>Why the text has ended.</summary>
    public FinishReason Reason { get; private set; }

    /// <summary>Ends the text early; takes effect before the next pass.</summary>
    public void Cancel() => _unwanted = true;

    /// <summary>Prompt and what was written.</summary>
    internal ReadOnlySpan<int> Text => _text.AsSpan(0, Count);

    /// <summary>The most tokens that <see cref="Text"/> can have.</summary>
    internal int Capacity => _text.Length;

    internal int Count { get; private set; }

    internal bool IsUnwanted => _unwanted || _stop.IsCancellationRequested;

    internal KeyValueSpan? Span { get; set; }

    /// <summary>Tokens that the model has not read yet.</summary>
    internal ReadOnlySpan<int> Unread => Text[(Span?.Length ?? 0)..];

    /// <summary>Draws the next token. False if the text has ended.</summary>
    internal bool Write(ReadOnlySpan<float> scores)
    {
        int token = _sampler.Next(scores, Text);
        if (_end.Contains(token))
        {
            return Finish(FinishReason.Stop);
        }

        _text[Count++] = token;
        _written.Writer.TryWrite(token);
        return Count < Capacity || Finish(FinishReason.Length);
    }

    internal bool Finish(FinishReason reason, Exception? error = null)
    {
        Reason = reason;
        _written.Writer.TryComplete(error);
        return false;
    }
}
