namespace Engine;

/// <content>Timing kernels on the device.</content>
public abstract partial class Device
{
    private KernelTimes? _times;

    /// <summary>Times every launch until <see cref="EndProfile"/>. Launches cost nothing extra before and after.</summary>
    /// <exception cref="EngineException">The device is being profiled already.</exception>
    public void BeginProfile()
    {
        if (_times is not null)
        {
            throw new EngineException($"{Name}: profiling has begun already; call EndProfile() first.");
        }

        KernelTimes times = new();
        StartProfile(times);
        _times = times;
    }

    /// <summary>Waits for the launches since <see cref="BeginProfile"/> and says what each kernel took on the device, the longest first.</summary>
    /// <exception cref="EngineException">Profiling has not begun.</exception>
    public IReadOnlyList<KernelTime> EndProfile()
    {
        KernelTimes times = _times ?? throw new EngineException($"{Name}: profiling has not begun; call BeginProfile() first.");
        _times = null;
        StopProfile();
        return times.ToList();
    }

    /// <summary>From here on, the time of every launch is added to <paramref name="times"/>, at the latest by <see cref="StopProfile"/>.</summary>
    private protected virtual void StartProfile(KernelTimes times) => throw new EngineException($"{Name}: this device does not time kernels.");

    /// <summary>Ends <see cref="StartProfile"/>, with all times added.</summary>
    private protected virtual void StopProfile()
    {
        // StartProfile has thrown.
    }
}
