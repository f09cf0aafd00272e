using Xunit;

namespace Engine.Testing;

/// <summary>The devices that parity tests compare, by name; the first is the reference.</summary>
public static class TestDevices
{
    /// <summary>
    /// The collection of every test class that opens an accelerator: they run one after the other. PoCL 3.1 aborts the process when
    /// two queues run one kernel at the same time, on a small and on a large grid: it mixes up who uses which of its two forms.
    /// </summary>
    public const string Collection = "accelerators";

    /// <summary>One thread, every kernel its own C# body.</summary>
    public static Device Reference() => new CpuDevice(threads: 1, SimdLevel.None);

    /// <summary>Every SIMD level this machine has, with one and with three threads.</summary>
    public static IEnumerable<string> Cpus =>
        SimdLevels.Available.SelectMany(level => new[] { $"{level}/1", $"{level}/3" }).Where(name => name != "None/1");

    /// <summary>
    /// Devices that kernels reach as device text. A test on one that is absent is a reported skip; so that a machine without an
    /// NVIDIA GPU does not report a thousand of them, <c>cuda</c> is here only where there is one, and one test reports the rest.
    /// </summary>
    public static IEnumerable<string> Accelerators => HasCuda ? ["opencl", "cuda"] : ["opencl"];

    /// <summary>The CUDA device over a fake driver, whose kernels are CUDA text compiled for the host.</summary>
    public const string CudaOnHost = "cuda-on-host";

    private static bool HasCuda => Requirement.IsRequired("cuda") || Device.List().Any(d => d.Name.StartsWith("cuda:", StringComparison.Ordinal) && d.Problem is null);

    /// <summary>All of them.</summary>
    public static IEnumerable<string> Names => [.. Cpus, .. Accelerators];

    /// <summary>Opens a device by one of <see cref="Names"/>; skips the test if the machine does not have it.</summary>
    public static Device Open(string name)
    {
        if (name == CudaOnHost)
        {
            return HostCuda.Open();
        }

        if (Accelerators.Contains(name))
        {
            Require(name);
            return Device.Open(name);
        }

        string[] parts = name.Split('/');
        return new CpuDevice(int.Parse(parts[1]), Enum.Parse<SimdLevel>(parts[0]));
    }

    /// <summary>Skips the test on a machine without a device of <paramref name="backend"/>; see <see cref="Requirement"/>.</summary>
    public static void Require(string backend)
    {
        Assert.True(
            TestContext.Current.TestCollection?.TestCollectionDisplayName == Collection,
            $"a class that opens {backend} is marked [Collection({nameof(TestDevices)}.{nameof(Collection)})], so that it runs alone");
        DeviceEntry[] entries = [.. Device.List().Where(entry => entry.Name.Split(':')[0] == backend)];
        if (entries.All(entry => entry.Problem is not null))
        {
            Requirement.Missing(backend, string.Join("; ", entries.Select(entry => entry.ToString())));
        }
    }
}
