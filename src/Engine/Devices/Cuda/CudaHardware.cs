using System.Runtime.InteropServices;

namespace Engine;

/// <summary>What the driver says of one device, without opening it.</summary>
/// <param name="Name">The hardware's own name.</param>
/// <param name="Capability">Its compute capability, 10·major + minor.</param>
/// <param name="Multiprocessors">How many multiprocessors it has.</param>
/// <param name="MemoryBytes">Its memory.</param>
internal readonly unsafe record struct CudaHardware(string Name, int Capability, int Multiprocessors, long MemoryBytes)
{
    private const int MultiprocessorCount = 16;
    private const int CapabilityMajor = 75;
    private const int CapabilityMinor = 76;
    private const int NameBytes = 256;

    /// <summary>Every device of a driver, each with the reason if it cannot be used.</summary>
    public static IReadOnlyList<DeviceEntry> List(CudaDriver driver, ICudaCompiler? compiler, string whyNoCompiler)
    {
        int count = 0;
        int status = driver.DeviceGetCount(&count);
        if (status != CudaStatus.Success || count == 0)
        {
            return [new DeviceEntry("cuda", string.Empty, status == CudaStatus.Success ? "the driver has no device" : CudaStatus.Describe(driver, status), IsGpu: true)];
        }

        return [.. Enumerable.Range(0, count).Select(ordinal => Entry(driver, ordinal, compiler, whyNoCompiler))];
    }

    /// <summary>Asks for everything.</summary>
    /// <exception cref="EngineException">The driver does not answer.</exception>
    public static CudaHardware Read(CudaDriver driver, int device)
    {
        byte* name = stackalloc byte[NameBytes];
        nuint memory;
        Check(driver, driver.DeviceGetName(name, NameBytes, device));
        Check(driver, driver.DeviceTotalMem(&memory, device));
        int capability = (10 * Attribute(driver, device, CapabilityMajor)) + Attribute(driver, device, CapabilityMinor);
        return new CudaHardware(Marshal.PtrToStringUTF8((nint)name)!, capability, Attribute(driver, device, MultiprocessorCount), (long)memory);
    }

    private static DeviceEntry Entry(CudaDriver driver, int ordinal, ICudaCompiler? compiler, string whyNoCompiler)
    {
        string name = $"cuda:{ordinal}";
        string hardware = string.Empty;
        try
        {
            int device;
            Check(driver, driver.DeviceGet(&device, ordinal));
            CudaHardware read = Read(driver, device);
            hardware = $"{read.Name}, compute capability {CudaTarget.Format(read.Capability)}, {Bytes.Format(read.MemoryBytes)}";
            if (compiler is null)
            {
                string? problem = PtxArchive.Package.Count > 0 && read.Capability >= PtxArchive.Capability
                    ? null
                    : $"nothing to compile kernels with: {whyNoCompiler}";
                return new DeviceEntry(name, problem is null ? $"{hardware}, the package's PTX, since {whyNoCompiler}" : hardware, problem, IsGpu: true);
            }

            string target = CudaTarget.For(compiler, read.Capability, name);
            return new DeviceEntry(name, $"{hardware}, {compiler.Name} for {target}", null, IsGpu: true);
        }
        catch (EngineException e)
        {
            return new DeviceEntry(name, hardware, e.Message, IsGpu: true);
        }
    }

    private static int Attribute(CudaDriver driver, int device, int attribute)
    {
        int value;
        Check(driver, driver.DeviceGetAttribute(&value, attribute, device));
        return value;
    }

    private static void Check(CudaDriver driver, int status)
    {
        if (status != CudaStatus.Success)
        {
            throw new EngineException($"the driver does not say what the device is: {CudaStatus.Describe(driver, status)}");
        }
    }
}
