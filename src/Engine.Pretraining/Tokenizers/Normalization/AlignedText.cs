namespace Engine.Pretraining.Tokenizers.Normalization;

/// <summary>
/// A text on its way through normalizers. If it is tracked, each UTF-16 unit knows the stretch of the original text that it
/// comes from, so that tokens of the normalized text have offsets in the original.
/// </summary>
internal sealed class AlignedText
{
    private char[] _text;
    private int[]? _starts;
    private int[]? _ends;

    private AlignedText(int capacity, bool tracked)
    {
        _text = new char[capacity];
        (_starts, _ends) = tracked ? (new int[capacity], new int[capacity]) : (null, null);
    }

    /// <summary>The text as it stands now.</summary>
    public ReadOnlySpan<char> Text => _text.AsSpan(0, Length);

    /// <summary>UTF-16 units.</summary>
    public int Length { get; private set; }

    /// <summary>An original text.</summary>
    public static AlignedText Of(ReadOnlySpan<char> text, bool tracked)
    {
        AlignedText made = new(text.Length, tracked) { Length = text.Length };
        text.CopyTo(made._text);
        for (int i = 0; tracked && i < text.Length; i++)
        {
            (made._starts![i], made._ends![i]) = (i, i + 1);
        }

        return made;
    }

    /// <summary>An empty text that is to become a rewritten <paramref name="source"/>.</summary>
    public static AlignedText From(AlignedText source) => new(source.Length + 16, source._starts is not null);

    /// <summary>Adds a stretch of the source as it is.</summary>
    public void Copy(AlignedText source, int from, int to)
    {
        Reserve(to - from);
        source._text.AsSpan(from, to - from).CopyTo(_text.AsSpan(Length));
        if (_starts is not null)
        {
            source._starts.AsSpan(from, to - from).CopyTo(_starts.AsSpan(Length));
            source._ends.AsSpan(from, to - from).CopyTo(_ends.AsSpan(Length));
        }

        Length += to - from;
    }

    /// <summary>Adds what a stretch of the source became; from an empty stretch, something that stands for no text.</summary>
    public void Put(ReadOnlySpan<char> made, AlignedText source, int from, int to)
    {
        Reserve(made.Length);
        made.CopyTo(_text.AsSpan(Length));
        if (_starts is not null)
        {
            (int start, int end) = source.Origin(from, to);
            _starts.AsSpan(Length, made.Length).Fill(start);
            _ends.AsSpan(Length, made.Length).Fill(end);
        }

        Length += made.Length;
    }

    /// <summary>Takes back what stands behind a place.</summary>
    public void Truncate(int length) => Length = length;

    /// <summary>The stretch of the original text that a stretch of this one comes from.</summary>
    public (int Start, int End) Origin(int from, int to)
    {
        if (from == to)
        {
            int at = from < Length ? _starts![from] : Length > 0 ? _ends![Length - 1] : 0;
            return (at, at);
        }

        return (_starts![from], Math.Max(_starts[from], _ends![to - 1]));
    }

    private void Reserve(int more)
    {
        if (Length + more <= _text.Length)
        {
            return;
        }

        int size = Math.Max(Length + more, 2 * _text.Length);
        Array.Resize(ref _text, size);
        if (_starts is not null)
        {
            Array.Resize(ref _starts, size);
            Array.Resize(ref _ends, size);
        }
    }
}
