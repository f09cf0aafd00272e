namespace Engine;

/// <summary>
/// Work that a loop repeats, such as a training step. A device that can gathers the launches of each repetition and hands
/// them to the driver as one graph, which then starts them without a pause between kernels; any other device simply runs the
/// work. Results are the same.
/// </summary>
/// <remarks>
/// While work is gathered nothing runs yet, so inside it no tensor can be read on the host; read after <see cref="Run"/>. Only
/// one thread may use the device meanwhile.
/// </remarks>
public class LaunchGraph : IDisposable
{
    /// <summary>Runs <paramref name="work"/>, or gathers what it launches and starts that; returns when it is queued.</summary>
    /// <param name="work">The launches of one repetition; keep one delegate, so that repeating allocates nothing.</param>
    /// <exception cref="EngineException">The work read a tensor on the host while it was gathered.</exception>
    public virtual void Run(Action work)
    {
        ArgumentNullException.ThrowIfNull(work);
        work();
    }

    /// <summary>Frees what the device keeps of the graph.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the device keeps of the graph.</summary>
    protected virtual void Dispose(bool disposing)
    {
        // A device that just runs the work keeps nothing.
    }
}
