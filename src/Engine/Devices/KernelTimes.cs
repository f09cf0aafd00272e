namespace Engine;

/// <summary>What one kernel took on a device while it was profiled.</summary>
/// <param name="Kernel">The kernel's name.</param>
/// <param name="Launches">How often it ran.</param>
/// <param name="Nanoseconds">Time on the device, all launches together.</param>
public readonly record struct KernelTime(string Kernel, long Launches, long Nanoseconds);

/// <summary>Adds up the times of launches by kernel.</summary>
internal sealed class KernelTimes
{
    private readonly Dictionary<KernelDescriptor, (long Launches, long Nanoseconds)> _times = [];

    /// <summary>One more launch of a kernel.</summary>
    public void Add(KernelDescriptor kernel, long nanoseconds)
    {
        (long launches, long sum) = _times.GetValueOrDefault(kernel);
        _times[kernel] = (launches + 1, sum + nanoseconds);
    }

    /// <summary>The times by kernel, the longest first.</summary>
    public IReadOnlyList<KernelTime> ToList() =>
        [.. _times.Select(t => new KernelTime(t.Key.Name, t.Value.Launches, t.Value.Nanoseconds)).OrderByDescending(t => t.Nanoseconds)];
}
