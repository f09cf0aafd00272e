namespace Engine.Pretraining.Tokenizers;

/// <summary>
/// Turns tokens into text as they come, for text that is shown while it is written: a character of several tokens (UTF-8
/// bytes) appears when its last token has come.
/// </summary>
public sealed class TextStream(ITokenizer tokenizer)
{
    /// <summary>The most tokens that one character can have: UTF-8 takes up to four bytes.</summary>
    private const int MaxTokens = 4;

    private readonly List<int> _waiting = [];

    /// <summary>The text that this token completes; empty if it has to wait for others.</summary>
    public string Push(int token)
    {
        _waiting.Add(token);
        string text = tokenizer.Decode(_waiting.ToArray());
        if (text.EndsWith('\uFFFD') && _waiting.Count < MaxTokens)
        {
            return string.Empty;
        }

        _waiting.Clear();
        return text;
    }

    /// <summary>What is still waiting, complete or not.</summary>
    public string Flush()
    {
        string text = tokenizer.Decode(_waiting.ToArray());
        _waiting.Clear();
        return text;
    }
}
