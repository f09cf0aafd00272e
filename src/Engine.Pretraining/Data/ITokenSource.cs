namespace Engine.Pretraining.Data;

/// <summary>A long sequence of tokens, wherever it lies. Reading allocates nothing and is safe from several threads.</summary>
public interface ITokenSource
{
    /// <summary>For messages: the file or corpus.</summary>
    string Name { get; }

    /// <summary>Tokens in all.</summary>
    long Count { get; }

    /// <summary>V: every token is below it.</summary>
    int VocabSize { get; }

    /// <summary>Copies the tokens from <paramref name="start"/> on into <paramref name="tokens"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside the source.</exception>
    /// <exception cref="EngineException">A token is not below <see cref="VocabSize"/>: the data is damaged.</exception>
    void Read(long start, Span<int> tokens);
}

/// <summary>Tokens in memory.</summary>
/// <param name="name">For messages.</param>
/// <param name="values">The tokens; the caller leaves them as they are.</param>
/// <param name="vocabSize">V.</param>
public sealed class MemoryTokens(string name, ReadOnlyMemory<int> values, int vocabSize) : ITokenSource
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public long Count => values.Length;

    /// <inheritdoc/>
    public int VocabSize => vocabSize;

    /// <inheritdoc/>
    public void Read(long start, Span<int> tokens)
    {
        TokenSlice.CheckRange(start, tokens.Length, Count);
        values.Span.Slice((int)start, tokens.Length).CopyTo(tokens);
    }
}

/// <summary>A part of another source: the training or the validation split.</summary>
public sealed class TokenSlice : ITokenSource
{
    private readonly ITokenSource _source;
    private readonly long _start;

    /// <summary>Tokens <paramref name="start"/> … <paramref name="start"/> + <paramref name="count"/> − 1 of a source.</summary>
    public TokenSlice(string name, ITokenSource source, long start, long count)
    {
        ArgumentNullException.ThrowIfNull(source);
        CheckRange(start, count, source.Count);
        (Name, _source, _start, Count) = (name, source, start, count);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public long Count { get; }

    /// <inheritdoc/>
    public int VocabSize => _source.VocabSize;

    /// <inheritdoc/>
    public void Read(long start, Span<int> tokens)
    {
        CheckRange(start, tokens.Length, Count);
        _source.Read(_start + start, tokens);
    }

    internal static void CheckRange(long start, long length, long count)
    {
        if (start < 0 || length < 0 || start > count - length)
        {
            throw new ArgumentOutOfRangeException(nameof(start), $"Tokens {start} … {start + length} are not inside a source of {count}.");
        }
    }
}
