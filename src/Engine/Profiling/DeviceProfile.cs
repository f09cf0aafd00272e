using Engine.KernelLanguage;

namespace Engine;

/// <summary>A stretch of host time that has a name. Times are in nanoseconds since profiling began.</summary>
/// <param name="Name">The op, or the phase.</param>
/// <param name="Kind">What it stands for.</param>
/// <param name="Parent">The span it lies in, a place in <see cref="DeviceProfile.Spans"/>; −1 for none.</param>
/// <param name="Start">When it began.</param>
/// <param name="Nanoseconds">How long it took the host.</param>
public readonly record struct ProfiledSpan(string Name, SpanKind Kind, int Parent, long Start, long Nanoseconds);

/// <summary>A launch of a kernel. Times are in nanoseconds since profiling began.</summary>
/// <param name="Kernel">The kernel's name.</param>
/// <param name="Span">The innermost span it was queued in, a place in <see cref="DeviceProfile.Spans"/>; −1 for none.</param>
/// <param name="Blocks">The size of the grid.</param>
/// <param name="Cost">Its arithmetic and traffic, if the kernel says.</param>
/// <param name="Queued">When the host queued it.</param>
/// <param name="Start">When it began on the device.</param>
/// <param name="Nanoseconds">How long the device took.</param>
public readonly record struct ProfiledLaunch(string Kernel, int Span, long Blocks, KernelCost Cost, long Queued, long Start, long Nanoseconds);

/// <summary>What one kernel took on a device while it was profiled.</summary>
/// <param name="Kernel">The kernel's name.</param>
/// <param name="Launches">How often it ran.</param>
/// <param name="Nanoseconds">Time on the device, all launches together.</param>
public readonly record struct KernelTime(string Kernel, long Launches, long Nanoseconds);

/// <summary>
/// What a device did between <see cref="Device.BeginProfile"/> and <see cref="Device.EndProfile"/>: every launch with its time,
/// in the spans of ops and phases that it was queued in. <see cref="ProfileTable"/> sums it up by op, <see cref="ChromeTrace"/>
/// writes it for a viewer.
/// </summary>
public sealed class DeviceProfile
{
    internal DeviceProfile(long nanoseconds, bool runsBehind, IReadOnlyList<ProfiledSpan> spans, IReadOnlyList<ProfiledLaunch> launches)
    {
        Nanoseconds = nanoseconds;
        RunsBehind = runsBehind;
        Spans = spans;
        Launches = launches;
    }

    /// <summary>Time from begin to end, on the host; the device has finished by then.</summary>
    public long Nanoseconds { get; }

    /// <summary>
    /// Whether the device runs behind the host: then spans say when work was queued, and launches when it ran. Otherwise a
    /// launch runs inside the span that queued it. The two clocks agree as closely as is known without asking: no kernel starts
    /// before it was queued.
    /// </summary>
    public bool RunsBehind { get; }

    /// <summary>The spans in the order in which they began.</summary>
    public IReadOnlyList<ProfiledSpan> Spans { get; }

    /// <summary>The launches in the order in which they were queued.</summary>
    public IReadOnlyList<ProfiledLaunch> Launches { get; }

    /// <summary>The launches by kernel, the longest first.</summary>
    public IReadOnlyList<KernelTime> Kernels =>
    [
        .. Launches.GroupBy(l => l.Kernel)
            .Select(g => new KernelTime(g.Key, g.Count(), g.Sum(l => l.Nanoseconds)))
            .OrderByDescending(t => t.Nanoseconds),
    ];
}
