namespace Engine;

/// <content>Listing devices, and opening them by the names that the command line uses.</content>
public abstract partial class Device
{
    /// <summary>Every name that <see cref="Open(string, int)"/> takes; N counts the devices of a backend from 0.</summary>
    public static IReadOnlyList<string> Names { get; } = ["auto", "cpu", "cuda", "cuda:N", "opencl", "opencl:N"];

    /// <summary>
    /// Everything a kernel could run on, in the order in which <c>auto</c> prefers it; a backend without a device has one entry
    /// that says why.
    /// </summary>
    public static IReadOnlyList<DeviceEntry> List() => [.. CudaDevice.Entries(), .. OpenClDevice.Entries(), CpuDevice.Entry];

    /// <summary>Opens a device.</summary>
    /// <param name="name"><c>cpu</c>, <c>cuda</c>, <c>cuda:N</c>, <c>opencl</c>, <c>opencl:N</c>, or <c>auto</c> for the first GPU of <see cref="List"/>, else the CPU.</param>
    /// <param name="threads">CPU worker threads; 0 means one for each processor.</param>
    /// <exception cref="EngineException">There is no such device; says which there are and why not.</exception>
    public static Device Open(string name, int threads = 0) => Open(name, threads, out _);

    /// <summary>Opens a device and explains the choice.</summary>
    /// <param name="name">As for <see cref="Open(string, int)"/>.</param>
    /// <param name="threads">CPU worker threads; 0 means one for each processor.</param>
    /// <param name="why">If <paramref name="name"/> is <c>auto</c>: which device it is, and why not those before it. Else empty.</param>
    /// <exception cref="EngineException">There is no such device; says which there are and why not.</exception>
    public static Device Open(string name, int threads, out string why)
    {
        why = string.Empty;
        if (name == "auto")
        {
            IReadOnlyList<DeviceEntry> entries = List();
            DeviceEntry chosen = entries.First(entry => entry is { Problem: null, IsGpu: true } or { Name: "cpu" });
            why = Explain(chosen, entries);
            name = chosen.Name;
        }

        string[] parts = name.Split(':');
        int index = 0;
        bool counted = parts.Length == 1 || (parts.Length == 2 && int.TryParse(parts[1], System.Globalization.NumberStyles.None, null, out index));
        return parts[0] switch
        {
            "cpu" when parts.Length == 1 => new CpuDevice(threads),
            "cuda" when counted => new CudaDevice(index),
            "opencl" when counted => new OpenClDevice(index),
            _ => throw new EngineException(
                $"device '{name}' is unknown: expected one of {string.Join(", ", Names)}. Here are: {string.Join("; ", List())}."),
        };
    }

    private static string Explain(DeviceEntry chosen, IReadOnlyList<DeviceEntry> entries)
    {
        string others = string.Join("; ", entries.TakeWhile(entry => entry != chosen)
            .Select(entry => entry.Problem is null ? $"{entry.Name} ({entry.Hardware}) is no GPU" : entry.ToString()));
        return $"{chosen.Name} ({chosen.Hardware})" + (others.Length > 0 ? $", since {others}" : string.Empty);
    }
}
