namespace Engine.Pretraining.Tokenizers;

/// <summary>
/// Turns tokens into text as they come, for text that is shown while it is written: a character of several tokens (UTF-8
/// bytes) appears when its last token has come.
/// </summary>
/// <param name="tokenizer">Whose tokens come.</param>
/// <param name="continues">Whether text stands before the first token, so that a word begins with a blank.</param>
public sealed class TextStream(ITokenizer tokenizer, bool continues = false)
{
    /// <summary>The most tokens that one character can have: UTF-8 takes up to four bytes.</summary>
    private const int MaxTokens = 4;

    private readonly List<int> _waiting = [];
    private bool _begun = continues;
    private int _whole;
    private int _last;

    /// <summary>The text that this token completes; empty if it has to wait for others.</summary>
    public string Push(int token)
    {
        _waiting.Add(token);
        string text = tokenizer.Decode(_waiting.ToArray());

        // A token may end one character and begin the next, so the last tokens count that have completed none.
        int whole = text.AsSpan().TrimEnd('\uFFFD').Length;
        (_whole, _last) = (whole, whole > _whole ? 1 : _last + 1);
        return text.EndsWith('\uFFFD') && _last < MaxTokens ? string.Empty : Flush();
    }

    /// <summary>What is still waiting, complete or not.</summary>
    public string Flush()
    {
        if (_waiting.Count == 0)
        {
            return string.Empty;
        }

        string text = (_begun ? tokenizer.Separator(_waiting[0]) : string.Empty) + tokenizer.Decode(_waiting.ToArray());
        _begun = true;
        (_whole, _last) = (0, 0);
        _waiting.Clear();
        return text;
    }
}
