using Engine.Serialization;

namespace Engine.Pretraining.Training;

/// <summary>Which steps of a run are profiled, and where the trace goes.</summary>
public sealed record ProfileOptions
{
    /// <summary>The most steps a profile may hold.</summary>
    public const int MostSteps = 1000;

    /// <summary>Steps before the profile, in which kernels are compiled and pools fill; fewer if the run is too short for them.</summary>
    public const int WarmupSteps = 3;

    /// <summary>Steps profiled, 1 to <see cref="MostSteps"/>; 10 by default.</summary>
    /// <exception cref="EngineException">It is out of range.</exception>
    public int Steps
    {
        get;
        init => field = value is >= 1 and <= MostSteps
            ? value
            : throw new EngineException($"a profile of {value} steps is not possible; take 1 to {MostSteps}.");
    } = 10;

    /// <summary>The file of the trace; null for <c>trace.json</c> in the run folder.</summary>
    public string? TraceFile { get; init; }

    /// <summary>Finds out before the run, not after it, that the trace cannot be written.</summary>
    /// <exception cref="EngineException">It cannot.</exception>
    internal void RequireWritable()
    {
        if (TraceFile is not null)
        {
            AtomicFile.RequireWritable(TraceFile);
        }
    }
}
