namespace Engine;

/// <summary>
/// A mistake the user can act on: the message is one sentence or two that name the operation, the shapes, dtypes, device
/// or file concerned, and what was expected.
/// </summary>
public class EngineException : Exception
{
    /// <summary>An empty error; prefer the overload with a message.</summary>
    public EngineException()
    {
    }

    /// <summary>An error with its sentence.</summary>
    public EngineException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its sentence and what caused it.</summary>
    public EngineException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
