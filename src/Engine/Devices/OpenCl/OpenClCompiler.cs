using System.Text;
using System.Text.RegularExpressions;
using Engine.KernelLanguage;

namespace Engine;

/// <summary>
/// Makes programs for one device: from the cache on disk where it has them, else with the driver's compiler, and then keeps
/// them there.
/// </summary>
internal sealed unsafe partial class OpenClCompiler
{
    private const uint BinarySizes = 0x1165;
    private const uint Binaries = 0x1166;
    private const uint BuildLog = 0x1183;
    private const uint KernelWorkGroupSize = 0x11B0;
    private const uint KernelLocalMemSize = 0x11B2;

    // One block is enough to keep a core busy with vectors; a GPU wants more lanes in flight.
    private const int CpuLanes = 64;
    private const int GpuLanes = 256;

    private readonly OpenClApi _api;
    private readonly nint _context;
    private readonly OpenClHardware _hardware;
    private readonly string _device;
    private readonly ProgramCache? _cache;
    private readonly string _options;

    /// <summary>A compiler for a device.</summary>
    /// <param name="api">The loader.</param>
    /// <param name="context">The device's context.</param>
    /// <param name="hardware">The device.</param>
    /// <param name="device">Its name for messages.</param>
    /// <param name="cache">Where programs are kept; null keeps none.</param>
    public OpenClCompiler(OpenClApi api, nint context, OpenClHardware hardware, string device, ProgramCache? cache)
    {
        _api = api;
        _context = context;
        _hardware = hardware;
        _device = device;
        _cache = cache;
        _options = "-cl-std=CL1.2" + (hardware.RoundsDivision ? " -cl-fp32-correctly-rounded-divide-sqrt" : string.Empty);
    }

    /// <summary>The program of a kernel for given specialised values.</summary>
    /// <exception cref="EngineException">It has no device text, does not compile, or asks for more than the device has.</exception>
    public OpenClProgram Compile(KernelDescriptor kernel, in SpecializedValues values)
    {
        KernelSource source = LaunchChecks.SourceOf(kernel, _device);
        int lanes = LaunchChecks.Lanes(kernel, _device, _hardware.IsCpu ? CpuLanes : GpuLanes, _hardware.MaxLanes);
        string text = ProgramText.Compose(Dialect.OpenCl, source, lanes, values);
        ProgramKey key = ProgramKey.Of("opencl", text, _hardware.Platform, _hardware.Name, _hardware.Version, _hardware.DriverVersion, _options);
        nint program = FromCache(key);
        bool cached = program != 0;
        if (!cached)
        {
            program = FromText(kernel, text);
        }

        nint handle = CreateKernel(kernel, program);
        if (!cached && _cache is not null && Binary(program) is { Length: > 0 } binary)
        {
            _cache.Store(key, $"{kernel.Name} [OpenCL, {_hardware.Name}]", binary);
        }

        // The kernel object holds the program from here on.
        _ = _api.ReleaseProgram(program);
        LaunchChecks.SharedMemory(kernel, _device, (long)WorkGroupInfo(handle, KernelLocalMemSize), _hardware.LocalMemory);
        long most = (long)WorkGroupInfo(handle, KernelWorkGroupSize);
        return lanes <= most
            ? new OpenClProgram(handle, lanes, new LaunchChecks(kernel, _device, long.MaxValue / lanes))
            : throw new EngineException($"{kernel.Name}: blocks have {lanes} lanes, but {_device} has registers for {most} of this kernel; ask for fewer lanes.");
    }

    [GeneratedRegex(@"[^\s:""]+\.cs:\d+")]
    private static partial Regex CSharpLine();

    private nint FromText(KernelDescriptor kernel, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        fixed (byte* b = bytes)
        {
            byte* start = b;
            nuint length = (nuint)bytes.Length;
            int status;
            nint program = _api.CreateProgramWithSource(_context, 1, &start, &length, &status);
            if (status == OpenClStatus.Success)
            {
                status = Build(program);
            }

            if (status == OpenClStatus.Success)
            {
                return program;
            }

            string log = program != 0 ? Log(program) : string.Empty;
            if (program != 0)
            {
                _ = _api.ReleaseProgram(program);
            }

            Match line = CSharpLine().Match(log);
            throw new EngineException(
                $"{kernel.Name} ({(line.Success ? line.Value : kernel.Source!.File)}): does not compile for {_device}, {_hardware.Name}: " +
                $"{OpenClStatus.Describe(status)}. The driver's log:\n{log}");
        }
    }

    private nint FromCache(ProgramKey key)
    {
        if (_cache?.Load(key) is not { } binary)
        {
            return 0;
        }

        fixed (byte* b = binary)
        {
            byte* start = b;
            nuint length = (nuint)binary.Length;
            nint device = _hardware.Id;
            int ofDevice;
            int status;
            nint program = _api.CreateProgramWithBinary(_context, 1, &device, &length, &start, &ofDevice, &status);
            if (status == OpenClStatus.Success && Build(program) == OpenClStatus.Success)
            {
                return program;
            }

            if (status == OpenClStatus.Success)
            {
                _ = _api.ReleaseProgram(program);
            }

            _cache.Discard(key);
            return 0;
        }
    }

    private int Build(nint program)
    {
        nint device = _hardware.Id;
        fixed (byte* options = Encoding.UTF8.GetBytes(_options + '\0'))
        {
            return _api.BuildProgram(program, 1, &device, options, null, null);
        }
    }

    private nint CreateKernel(KernelDescriptor kernel, nint program)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(kernel.Source!.Name + '\0'))
        {
            int status;
            nint handle = _api.CreateKernel(program, name, &status);
            if (status == OpenClStatus.Success)
            {
                return handle;
            }

            _ = _api.ReleaseProgram(program);
            throw new EngineException($"{kernel.Name} ({kernel.Source.File}): {_device} cannot load it: {OpenClStatus.Describe(status)}.");
        }
    }

    private string Log(nint program)
    {
        nuint length = 0;
        if (_api.GetProgramBuildInfo(program, _hardware.Id, BuildLog, 0, null, &length) != OpenClStatus.Success)
        {
            return string.Empty;
        }

        byte[] log = new byte[(int)length];
        fixed (byte* l = log)
        {
            _ = _api.GetProgramBuildInfo(program, _hardware.Id, BuildLog, length, l, null);
        }

        return Encoding.UTF8.GetString(log).TrimEnd('\0', '\n', ' ');
    }

    private byte[] Binary(nint program)
    {
        nuint length = 0;
        if (_api.GetProgramInfo(program, BinarySizes, (nuint)sizeof(nuint), &length, null) != OpenClStatus.Success || length == 0)
        {
            return [];
        }

        byte[] binary = new byte[(int)length];
        fixed (byte* b = binary)
        {
            byte* start = b;
            return _api.GetProgramInfo(program, Binaries, (nuint)sizeof(byte*), &start, null) == OpenClStatus.Success ? binary : [];
        }
    }

    private ulong WorkGroupInfo(nint kernel, uint what)
    {
        ulong value = 0;
        return _api.GetKernelWorkGroupInfo(kernel, _hardware.Id, what, sizeof(ulong), &value, null) == OpenClStatus.Success ? value : 0;
    }
}
