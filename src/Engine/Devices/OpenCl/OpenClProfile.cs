namespace Engine;

/// <summary>The events of the launches that are being timed, and the times they gave.</summary>
internal sealed unsafe class OpenClProfile(OpenClApi api, ProfileLog log)
{
    private const uint CommandStart = 0x1282;
    private const uint CommandEnd = 0x1283;

    private readonly List<(int Launch, nint Event)> _launches = [];

    /// <summary>Keeps the present launch's event.</summary>
    public void Add(nint launched) => _launches.Add((log.Present, launched));

    /// <summary>Writes down when each launch ran on the device; all of them have ended.</summary>
    public void Collect()
    {
        foreach ((int launch, nint launched) in _launches)
        {
            ulong start;
            ulong end;
            if (api.GetEventProfilingInfo(launched, CommandStart, sizeof(ulong), &start, null) == OpenClStatus.Success
                && api.GetEventProfilingInfo(launched, CommandEnd, sizeof(ulong), &end, null) == OpenClStatus.Success)
            {
                log.Time(launch, (long)start, (long)(end - start));
            }

            _ = api.ReleaseEvent(launched);
        }

        _launches.Clear();
    }
}
