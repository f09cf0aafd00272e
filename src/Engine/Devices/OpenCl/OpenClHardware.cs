using System.Text;

namespace Engine;

/// <summary>One device that the ICD loader lists, with the facts that launches depend on.</summary>
internal sealed unsafe class OpenClHardware
{
    private const uint PlatformName = 0x0902;
    private const uint DeviceType = 0x1000;
    private const uint MaxComputeUnits = 0x1002;
    private const uint MaxWorkGroupSize = 0x1004;
    private const uint MaxWorkItemSizes = 0x1005;
    private const uint AddressBits = 0x100D;
    private const uint MaxMemAllocSize = 0x1010;
    private const uint MaxParameterSize = 0x1017;
    private const uint SingleFpConfig = 0x101B;
    private const uint GlobalMemSize = 0x101F;
    private const uint LocalMemSize = 0x1023;
    private const uint EndianLittle = 0x1026;
    private const uint DeviceAvailable = 0x1027;
    private const uint CompilerAvailable = 0x1028;
    private const uint DeviceName = 0x102B;
    private const uint DriverVersionInfo = 0x102D;
    private const uint DeviceVersion = 0x102F;
    private const ulong CpuType = 2;
    private const ulong GpuType = 4;
    private const ulong AllTypes = 0xFFFFFFFF;
    private const ulong CorrectlyRoundedDivideSqrt = 128;

    private readonly OpenClApi _api;

    private OpenClHardware(OpenClApi api, nint platform, nint id)
    {
        _api = api;
        Id = id;
        ulong type = Number(DeviceType);
        IsGpu = (type & GpuType) != 0;
        IsCpu = (type & CpuType) != 0;
        Name = Text(id, api.GetDeviceInfo, DeviceName);
        Platform = Text(platform, api.GetPlatformInfo, PlatformName);
        DriverVersion = Text(id, api.GetDeviceInfo, DriverVersionInfo);
        Version = Text(id, api.GetDeviceInfo, DeviceVersion);
        ComputeUnits = (int)Number(MaxComputeUnits);
        MemoryBytes = (long)Number(GlobalMemSize);
        MaxAllocation = (long)Number(MaxMemAllocSize);
        LocalMemory = (long)Number(LocalMemSize);
        MaxArgumentBytes = (long)Number(MaxParameterSize);
        MaxLanes = (int)Math.Min(Number(MaxWorkGroupSize), Number(MaxWorkItemSizes));
        RoundsDivision = (Number(SingleFpConfig) & CorrectlyRoundedDivideSqrt) != 0;
        Problem = FindProblem();
    }

    /// <summary>The driver's handle.</summary>
    public nint Id { get; }

    /// <summary>The hardware's own name.</summary>
    public string Name { get; }

    /// <summary>The name of the OpenCL implementation.</summary>
    public string Platform { get; }

    /// <summary>The driver's version, a part of the key of compiled programs.</summary>
    public string DriverVersion { get; }

    /// <summary>The OpenCL version, as <c>OpenCL 1.2 …</c>.</summary>
    public string Version { get; }

    public bool IsGpu { get; }

    public bool IsCpu { get; }

    public int ComputeUnits { get; }

    public long MemoryBytes { get; }

    /// <summary>Bytes that one buffer may have.</summary>
    public long MaxAllocation { get; }

    /// <summary>Bytes of local memory of a work-group.</summary>
    public long LocalMemory { get; }

    /// <summary>Bytes that the arguments of a kernel may take.</summary>
    public long MaxArgumentBytes { get; }

    /// <summary>Lanes that a block may have.</summary>
    public int MaxLanes { get; }

    /// <summary>Whether division and square root can be rounded as .NET rounds them.</summary>
    public bool RoundsDivision { get; }

    /// <summary>Why the engine cannot use the device; null if it can.</summary>
    public string? Problem { get; }

    /// <summary>What kind of device it is, in a word.</summary>
    public string Kind => IsGpu ? "GPU" : IsCpu ? "CPU" : "accelerator";

    /// <summary>Every device of every platform: GPUs first, accelerators, then CPUs, so that device 0 is the likeliest choice.</summary>
    /// <param name="api">The loader.</param>
    /// <param name="reason">If there are none: why.</param>
    public static IReadOnlyList<OpenClHardware> Find(OpenClApi api, out string reason)
    {
        reason = string.Empty;
        uint platforms = 0;
        int status = api.GetPlatformIDs(0, null, &platforms);
        if (status != OpenClStatus.Success || platforms == 0)
        {
            reason = status is OpenClStatus.Success or OpenClStatus.PlatformNotFound
                ? "the OpenCL loader is installed, but no driver is (on Debian, pocl-opencl-icd runs on any CPU)"
                : $"the OpenCL loader fails: {OpenClStatus.Describe(status)}";
            return [];
        }

        nint[] ids = new nint[platforms];
        fixed (nint* p = ids)
        {
            _ = api.GetPlatformIDs(platforms, p, null);
        }

        List<OpenClHardware> found = [];
        foreach (nint platform in ids)
        {
            found.AddRange(Devices(api, platform).Select(id => new OpenClHardware(api, platform, id)));
        }

        reason = found.Count == 0 ? "the OpenCL drivers find no device" : string.Empty;
        return [.. found.OrderBy(device => device.IsGpu ? 0 : device.IsCpu ? 2 : 1)];
    }

    private static nint[] Devices(OpenClApi api, nint platform)
    {
        uint count = 0;
        if (api.GetDeviceIDs(platform, AllTypes, 0, null, &count) != OpenClStatus.Success)
        {
            return [];
        }

        nint[] devices = new nint[count];
        fixed (nint* d = devices)
        {
            return api.GetDeviceIDs(platform, AllTypes, count, d, null) == OpenClStatus.Success ? devices : [];
        }
    }

    private string? FindProblem() =>
        Number(DeviceAvailable) == 0 ? "the driver says that it is not available"
        : Number(CompilerAvailable) == 0 ? "its driver has no compiler"
        : Number(EndianLittle) == 0 ? "it is big-endian"
        : Number(AddressBits) != 64 ? $"it has {Number(AddressBits)}-bit addresses, and 64 are needed"
        : Version.StartsWith("OpenCL 1.0", StringComparison.Ordinal) || Version.StartsWith("OpenCL 1.1", StringComparison.Ordinal) ? $"it has {Version}, and 1.2 is needed"
        : null;

    // Numbers are 1, 4 or 8 bytes; the rest stays zero. Of an array (the sizes of work-groups) it is the first.
    private ulong Number(uint what)
    {
        ulong* value = stackalloc ulong[8];
        new Span<ulong>(value, 8).Clear();
        return _api.GetDeviceInfo(Id, what, 8 * sizeof(ulong), value, null) == OpenClStatus.Success ? *value : 0;
    }

    private static string Text(nint handle, delegate* unmanaged<nint, uint, nuint, void*, nuint*, int> get, uint what)
    {
        nuint length = 0;
        if (get(handle, what, 0, null, &length) != OpenClStatus.Success)
        {
            return "unknown";
        }

        byte[] text = new byte[(int)length];
        fixed (byte* t = text)
        {
            return get(handle, what, length, t, null) == OpenClStatus.Success ? Encoding.UTF8.GetString(text).TrimEnd('\0').Trim() : "unknown";
        }
    }
}
