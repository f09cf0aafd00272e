using System.Diagnostics;
using Engine.KernelLanguage;

namespace Engine;

/// <summary>Writes down spans and launches while a device is profiled. Spans belong to one thread, as launches do in practice.</summary>
/// <param name="runsBehind">Whether launches are timed by a clock of the device's own, see <see cref="Time"/>.</param>
internal sealed class ProfileLog(bool runsBehind)
{
    private const long Running = -1;
    private readonly Lock _lock = new();
    private readonly List<ProfiledSpan> _spans = [];
    private readonly List<ProfiledLaunch> _launches = [];
    private readonly long _began = Stopwatch.GetTimestamp();
    private int _open = -1;

    /// <summary>Nanoseconds since the log began.</summary>
    public long Now => (long)((Stopwatch.GetTimestamp() - _began) * (1e9 / Stopwatch.Frequency));

    /// <summary>The launch that is about to be started, for <see cref="Time"/>.</summary>
    public int Present => _launches.Count - 1;

    /// <summary>Launches so far.</summary>
    public int Count => _launches.Count;

    /// <summary>Begins a span inside the one that is open.</summary>
    public ProfileSpan Open(string name, SpanKind kind)
    {
        lock (_lock)
        {
            _spans.Add(new ProfiledSpan(name, kind, _open, Now, Running));
            _open = _spans.Count - 1;
            return new ProfileSpan(this, _open);
        }
    }

    /// <summary>Ends a span, and those inside that are still open.</summary>
    public void Close(int index)
    {
        lock (_lock)
        {
            long now = Now;
            while (_open >= index)
            {
                ProfiledSpan span = _spans[_open];
                _spans[_open] = span with { Nanoseconds = now - span.Start };
                _open = span.Parent;
            }
        }
    }

    /// <summary>A kernel is about to be started.</summary>
    public unsafe void Launch(KernelDescriptor kernel, void* arguments, long blocks)
    {
        KernelCost cost = kernel.Cost(arguments, blocks);
        lock (_lock)
        {
            _launches.Add(new ProfiledLaunch(kernel.Name, _open, blocks, cost, Now, 0, Running));
        }
    }

    /// <summary>When a launch ran. The device's own clock may count from any time.</summary>
    public void Time(int launch, long start, long nanoseconds)
    {
        lock (_lock)
        {
            _launches[launch] = _launches[launch] with { Start = start, Nanoseconds = nanoseconds };
        }
    }

    /// <summary>Everything, once all launches are timed. A launch that was never timed was refused, and is left out.</summary>
    public DeviceProfile Finish()
    {
        Close(0);
        ProfiledLaunch[] launches = [.. _launches.Where(l => l.Nanoseconds != Running)];

        // A kernel does not start before it is queued. That sets the device's clock as closely as the host can know.
        long shift = runsBehind && launches.Length > 0 ? launches.Max(l => l.Queued - l.Start) : 0;
        return new DeviceProfile(Now, runsBehind, _spans, [.. launches.Select(l => l with { Start = l.Start + shift })]);
    }
}
