namespace Engine;

/// <content>Timing kernels on the device.</content>
public abstract partial class Device
{
    private ProfileLog? _log;

    /// <summary>Launches since <see cref="BeginProfile"/>; 0 if nobody profiles. What a profile costs in memory grows with it.</summary>
    public int ProfiledLaunches => _log?.Count ?? 0;

    /// <summary>Whether launches return before they are done.</summary>
    private protected virtual bool RunsBehind => true;

    /// <summary>
    /// Waits for what was launched before, then times every launch until <see cref="EndProfile"/> and keeps about 100 bytes of
    /// each. Without a profile launches and spans cost nothing.
    /// </summary>
    /// <remarks>Only one thread may use the device meanwhile.</remarks>
    /// <exception cref="EngineException">The device is being profiled already.</exception>
    public void BeginProfile()
    {
        if (_log is not null)
        {
            throw new EngineException($"{Name}: profiling has begun already; call EndProfile() first.");
        }

        Synchronize();
        ProfileLog log = new(RunsBehind);
        StartProfile(log);
        _log = log;
    }

    /// <summary>Waits for the launches since <see cref="BeginProfile"/> and says what the device did.</summary>
    /// <exception cref="EngineException">Profiling has not begun.</exception>
    public DeviceProfile EndProfile()
    {
        ProfileLog log = _log ?? throw new EngineException($"{Name}: profiling has not begun; call BeginProfile() first.");
        _log = null;
        StopProfile();
        return log.Finish();
    }

    /// <summary>
    /// Gives what happens until the result is disposed a name in the profile, if there is one. Ops, backward, gradient clipping
    /// and optimizers name themselves.
    /// </summary>
    /// <param name="name">A name that is the same each time, so not one that counts.</param>
    /// <param name="kind">What the span stands for.</param>
    public ProfileSpan Span(string name, SpanKind kind = SpanKind.Phase) => _log is { } log ? log.Open(name, kind) : default;

    /// <summary>From here on, the time of every launch is written into <paramref name="log"/>, at the latest by <see cref="StopProfile"/>.</summary>
    private protected virtual void StartProfile(ProfileLog log) => throw new EngineException($"{Name}: this device does not time kernels.");

    /// <summary>Ends <see cref="StartProfile"/>, with all times written.</summary>
    private protected virtual void StopProfile()
    {
        // StartProfile has thrown.
    }
}
