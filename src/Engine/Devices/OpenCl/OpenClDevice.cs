using System.Runtime.CompilerServices;
using Engine.KernelLanguage;

namespace Engine;

/// <summary>
/// A device of any OpenCL 1.2 driver: kernels are compiled from their device text on first use, launches and copies to the
/// device are queued and return at once, copies to the host wait.
/// </summary>
public sealed unsafe class OpenClDevice : Device
{
    private readonly Lock _launching = new();
    private readonly ProgramTable<OpenClProgram> _programs = new();
    private readonly OpenClApi _api;
    private readonly OpenClHardware _hardware;
    private readonly OpenClMemory _memory;
    private readonly OpenClCompiler _compiler;
    private readonly OpenClQueue _queue;
    private readonly nint _context;

    /// <summary>Opens a device.</summary>
    /// <param name="index">Its number among the devices of all OpenCL drivers: GPUs first, CPUs last.</param>
    /// <param name="cache">Where compiled programs are kept; null for <see cref="ProgramCache.DefaultFolder"/>.</param>
    /// <exception cref="EngineException">There is no such device, or it cannot be used; says why and what there is.</exception>
    public OpenClDevice(int index = 0, ProgramCache? cache = null)
        : this(OpenClApi.TryLoad(out string reason) ?? throw new EngineException($"opencl:{index} is not there: {reason}."), index, cache)
    {
    }

    /// <summary>Opens a device of a given loader.</summary>
    internal OpenClDevice(OpenClApi api, int index, ProgramCache? cache = null)
    {
        Name = $"opencl:{index}";
        _api = api;
        IReadOnlyList<OpenClHardware> found = OpenClHardware.Find(_api, out string reason);
        if (found.Count == 0)
        {
            throw new EngineException($"{Name} is not there: {reason}.");
        }

        if (index < 0 || index >= found.Count)
        {
            throw new EngineException(
                $"{Name} is not there: OpenCL has {string.Join(", ", found.Select((device, i) => $"opencl:{i} ({device.Name})"))}.");
        }

        _hardware = found[index];
        if (_hardware.Problem is { } problem)
        {
            throw new EngineException($"{Name} ({_hardware.Name}) cannot be used: {problem}.");
        }

        nint id = _hardware.Id;
        int status;
        _context = _api.CreateContext(null, 1, &id, null, null, &status);
        if (status != OpenClStatus.Success)
        {
            throw new EngineException($"{Name} ({_hardware.Name}) cannot be opened: {OpenClStatus.Describe(status)}.");
        }

        _memory = new OpenClMemory(_api, _context, _hardware.MemoryBytes);
        _compiler = new OpenClCompiler(_api, _context, _hardware, Name, cache ?? new ProgramCache(ProgramCache.DefaultFolder));
        _queue = new OpenClQueue(_api, _context, id, Name);
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override DeviceCapabilities Capabilities => new(_hardware.Name, _hardware.Version, _hardware.ComputeUnits, _hardware.MemoryBytes);

    private protected override long MaxBlockBytes => _hardware.MaxAllocation;

    /// <summary>The devices of all OpenCL drivers in the order of their numbers, or one entry that says why there is none.</summary>
    internal static IEnumerable<DeviceEntry> Entries()
    {
        IReadOnlyList<OpenClHardware> found = OpenClApi.TryLoad(out string reason) is { } api ? OpenClHardware.Find(api, out reason) : [];
        return found.Count > 0
            ? found.Select((device, i) => new DeviceEntry($"opencl:{i}", $"{device.Name}, {device.Kind}, {device.Platform}", device.Problem, device.IsGpu))
            : [new DeviceEntry("opencl", string.Empty, reason, IsGpu: false)];
    }

    /// <inheritdoc/>
    public override void Synchronize() => _queue.Finish();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _queue.Dispose();
        foreach (OpenClProgram program in _programs.Programs)
        {
            _ = _api.ReleaseKernel(program.Handle);
        }

        _ = _api.ReleaseContext(_context);
    }

    [SkipLocalsInit]
    private protected override void Launch(KernelDescriptor kernel, void* arguments, long blocks)
    {
        byte* bytes = stackalloc byte[KernelArguments.MaxBytes];
        KernelArguments.Entry* entries = stackalloc KernelArguments.Entry[KernelArguments.MaxCount];
        KernelArguments bound = new(bytes, entries);
        _ = LaunchChecks.SourceOf(kernel, Name);
        kernel.Bind(arguments, ref bound);

        // A kernel object keeps its arguments between setting and starting, so one thread at a time.
        lock (_launching)
        {
            if (!_programs.TryGet(kernel, bound.Specialized, out OpenClProgram? program))
            {
                CheckSize(kernel, bound);
                program = _compiler.Compile(kernel, bound.Specialized);
                _programs.Add(kernel, bound.Specialized, program);
            }

            program.Checks.Launch(bound, blocks);
            SetArguments(kernel, program.Handle, bound);
            _queue.Launch(kernel, program.Handle, blocks, program.Lanes);
        }
    }

    private protected override nint AllocateBlock(long bytes) => _memory.Allocate(bytes);

    private protected override void FreeBlock(nint address, long bytes) => _memory.Free(address, bytes);

    private protected override void StartProfile(ProfileLog log) => _queue.BeginProfile(log);

    private protected override void StopProfile() => _queue.EndProfile();

    internal override void CopyFromHost(void* source, nint target, long bytes)
    {
        if (bytes > 0)
        {
            _queue.Write(_memory.Resolve(target, out long offset), offset, source, bytes);
        }
    }

    internal override void CopyToHost(nint source, void* target, long bytes)
    {
        if (bytes > 0)
        {
            _queue.Read(_memory.Resolve(source, out long offset), offset, target, bytes);
        }
    }

    // Drivers differ in what they do with more than they take; the size is the same in every launch of a kernel.
    private void CheckSize(KernelDescriptor kernel, in KernelArguments arguments)
    {
        long bytes = 0;
        for (int i = 0; i < arguments.Count; i++)
        {
            bytes += arguments[i].IsView ? sizeof(nint) + sizeof(long) : arguments[i].Size;
        }

        if (bytes > _hardware.MaxArgumentBytes)
        {
            throw new EngineException(
                $"{kernel.Name}: its arguments take {bytes} bytes, but {Name} takes at most {_hardware.MaxArgumentBytes}; pass some of them in a view.");
        }
    }

    // A view is two arguments: its buffer and the byte it starts at.
    private void SetArguments(KernelDescriptor kernel, nint handle, in KernelArguments arguments)
    {
        uint place = 0;
        for (int i = 0; i < arguments.Count; i++)
        {
            ref readonly KernelArguments.Entry argument = ref arguments[i];
            int status;
            if (argument.IsView)
            {
                nint buffer = _memory.Resolve(*(long*)argument.Value, out long offset);
                status = _api.SetKernelArg(handle, place++, (nuint)sizeof(nint), &buffer);
                if (status == OpenClStatus.Success)
                {
                    status = _api.SetKernelArg(handle, place++, sizeof(long), &offset);
                }
            }
            else
            {
                status = _api.SetKernelArg(handle, place++, (nuint)argument.Size, argument.Value);
            }

            if (status != OpenClStatus.Success)
            {
                throw new EngineException(
                    $"{kernel.Name}: {Name} does not take argument {i + 1} ({argument.Size} bytes): {OpenClStatus.Describe(status)}.");
            }
        }
    }
}
