namespace Engine;

/// <summary>What a span of a profile stands for.</summary>
public enum SpanKind
{
    /// <summary>One turn of a loop; phases lie in it.</summary>
    Step,

    /// <summary>A part of a step, such as <c>batch</c>, <c>forward</c>, <c>backward</c> or <c>optimizer</c>.</summary>
    Phase,

    /// <summary>An op.</summary>
    Forward,

    /// <summary>An op's backward.</summary>
    Backward,
}

/// <summary>Ends what <see cref="Device.Span"/> has begun, by <c>using</c>; empty, and free of cost, while nobody profiles.</summary>
public readonly struct ProfileSpan : IDisposable
{
    private readonly ProfileLog? _log;
    private readonly int _index;

    internal ProfileSpan(ProfileLog log, int index)
    {
        _log = log;
        _index = index;
    }

    /// <summary>Ends the span, and spans inside that are still open.</summary>
    public void Dispose() => _log?.Close(_index);
}
