using System.Diagnostics;

namespace Engine.Pretraining.Training;

/// <summary>Tokens per second over the recent steps and the time left, counting training only, not evaluation or checkpoints.</summary>
internal sealed class Throughput
{
    // Smooth enough to read, quick enough to show a machine that slows down: half the weight lies on the last 14 steps.
    private const double Weight = 0.05;
    private double _seconds;
    private double _tokens;
    private long _started;

    /// <summary>Tokens per second.</summary>
    public double TokensPerSecond => _seconds > 0 ? _tokens / _seconds : 0;

    /// <summary>A step begins.</summary>
    public void Start() => _started = Stopwatch.GetTimestamp();

    /// <summary>A step of so many tokens ends.</summary>
    public void Stop(long tokens)
    {
        double elapsed = Stopwatch.GetElapsedTime(_started).TotalSeconds;
        double weight = _seconds == 0 ? 1 : Weight;
        _seconds += weight * (elapsed - _seconds);
        _tokens += weight * (tokens - _tokens);
    }

    /// <summary>Time for so many more steps.</summary>
    public TimeSpan Remaining(long steps) => TimeSpan.FromSeconds(_seconds * steps);
}
