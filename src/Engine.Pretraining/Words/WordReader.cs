namespace Engine.Pretraining.Words;

/// <summary>The words of a text one after the other, a line end being a word of its own; a last line always has one.</summary>
internal ref struct WordReader(ReadOnlySpan<char> text)
{
    private readonly ReadOnlySpan<char> _text = text;
    private int _at;
    private bool _open;

    /// <summary>The word that <see cref="MoveNext"/> found.</summary>
    public ReadOnlySpan<char> Current { get; private set; }

    public readonly WordReader GetEnumerator() => this;

    public bool MoveNext()
    {
        while (_at < _text.Length && _text[_at] is ' ' or '\t' or '\r')
        {
            _at++;
        }

        if (_at == _text.Length || _text[_at] == '\n')
        {
            // The end of the text ends a line only if something stands on it.
            bool more = _at < _text.Length || _open;
            _at += _at < _text.Length ? 1 : 0;
            _open = false;
            Current = WordVocabulary.SentenceEnd;
            return more;
        }

        int length = _text[_at..].IndexOfAny(" \t\r\n");
        Current = length < 0 ? _text[_at..] : _text.Slice(_at, length);
        _at += Current.Length;
        _open = true;
        return true;
    }
}
