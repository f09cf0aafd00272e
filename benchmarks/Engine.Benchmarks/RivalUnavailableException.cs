namespace Engine.Benchmarks;

/// <summary>A rival is not installed, or would not run at its best: the message says what to do.</summary>
public sealed class RivalUnavailableException(string message) : Exception(message);
