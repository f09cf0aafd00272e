namespace Engine;

/// <summary>The events of the launches that are being timed, and the times they gave.</summary>
internal sealed unsafe class OpenClProfile(OpenClApi api, KernelTimes times)
{
    private const uint CommandStart = 0x1282;
    private const uint CommandEnd = 0x1283;

    private readonly List<(KernelDescriptor Kernel, nint Event)> _launches = [];

    /// <summary>Keeps a launch's event.</summary>
    public void Add(KernelDescriptor kernel, nint launched) => _launches.Add((kernel, launched));

    /// <summary>Adds the time each launch took on the device; all of them have ended.</summary>
    public void Collect()
    {
        foreach ((KernelDescriptor kernel, nint launched) in _launches)
        {
            ulong start;
            ulong end;
            if (api.GetEventProfilingInfo(launched, CommandStart, sizeof(ulong), &start, null) == OpenClStatus.Success
                && api.GetEventProfilingInfo(launched, CommandEnd, sizeof(ulong), &end, null) == OpenClStatus.Success)
            {
                times.Add(kernel, (long)(end - start));
            }

            _ = api.ReleaseEvent(launched);
        }

        _launches.Clear();
    }
}
