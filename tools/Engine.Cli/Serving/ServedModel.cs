using System.Runtime.CompilerServices;
using Engine.Pretraining.Generation;
using Engine.Pretraining.Tokenizers;

namespace Engine.Cli.Serving;

/// <summary>What a server says and what it needs to know of a model besides its scores.</summary>
/// <param name="Name">What clients call it.</param>
/// <param name="Tokenizer">Its vocabulary.</param>
/// <param name="Begin">Tokens before every prompt.</param>
/// <param name="End">Tokens that end a text.</param>
internal sealed record ServedModel(string Name, ITokenizer Tokenizer, IReadOnlyList<int> Begin, IReadOnlySet<int> End);

/// <summary>One text of an answer, as its tokens come.</summary>
internal sealed class ServedText(int index, TextRequest request, ITokenizer tokenizer, IReadOnlyList<string> stop)
{
    private readonly TextStream _text = new(tokenizer);
    private readonly StopText _stop = new(stop);

    /// <summary>Its place among the choices.</summary>
    public int Index => index;

    /// <summary>What the batcher writes.</summary>
    public TextRequest Request => request;

    /// <summary>Tokens written.</summary>
    public int Count { get; private set; }

    /// <summary>Why it ended, as clients read it.</summary>
    public string Reason => CompletionJson.Name(request.Reason, _stop.Ended);

    /// <summary>The text piece by piece, up to a stop string.</summary>
    public async IAsyncEnumerable<string> Pieces([EnumeratorCancellation] CancellationToken stop)
    {
        await foreach (int token in request.Tokens.ReadAllAsync(stop))
        {
            Count++;
            if (_stop.Push(_text.Push(token)) is { Length: > 0 } piece)
            {
                yield return piece;
            }

            if (_stop.Ended)
            {
                request.Cancel();
                yield break;
            }
        }

        if (_stop.Push(_text.Flush()) + _stop.Flush() is { Length: > 0 } rest)
        {
            yield return rest;
        }
    }
}
