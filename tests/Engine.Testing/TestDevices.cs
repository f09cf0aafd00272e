namespace Engine.Testing;

/// <summary>The devices that parity tests compare, by name; the first is the reference.</summary>
public static class TestDevices
{
    /// <summary>One thread, every kernel its own C# body.</summary>
    public static Device Reference() => new CpuDevice(threads: 1, SimdLevel.None);

    /// <summary>Every SIMD level this machine has, with one and with three threads.</summary>
    public static IEnumerable<string> Names =>
        SimdLevels.Available.SelectMany(level => new[] { $"{level}/1", $"{level}/3" }).Where(name => name != "None/1");

    /// <summary>Opens a device by one of <see cref="Names"/>.</summary>
    public static Device Open(string name)
    {
        string[] parts = name.Split('/');
        return new CpuDevice(int.Parse(parts[1]), Enum.Parse<SimdLevel>(parts[0]));
    }
}
