using System.Runtime.CompilerServices;
using Engine.KernelLanguage;

namespace Engine;

/// <summary>
/// An NVIDIA GPU through its driver. Kernels are compiled by NVRTC at first use; launches and copies are queued on one
/// stream and return at once, and only reading a tensor or <see cref="Synchronize"/> waits.
/// </summary>
public sealed unsafe class CudaDevice : Device
{
    private readonly Lock _launching = new();
    private readonly CudaContext _context;
    private readonly CudaMemory _memory;
    private readonly CudaStaging _staging;
    private readonly CudaPrograms _programs;
    private CudaProfile? _profile;

    /// <summary>Opens a device by its number.</summary>
    /// <param name="ordinal">The device's number, from 0, as the driver counts (<c>CUDA_VISIBLE_DEVICES</c> applies).</param>
    /// <exception cref="EngineException">There is no driver or no such device, or it cannot be used; says why.</exception>
    public CudaDevice(int ordinal = 0)
        : this(CudaDriver.Find(out string reason) ?? throw new EngineException($"cuda is not usable: {reason}."), Nvrtc.Find(out string whyNot), whyNot, new ProgramCache(ProgramCache.DefaultFolder), ordinal)
    {
    }

    /// <summary>Opens a device of a given driver.</summary>
    internal CudaDevice(CudaDriver driver, ICudaCompiler? compiler, string whyNoCompiler, ProgramCache? cache, int ordinal = 0, PtxArchive? ptx = null)
    {
        _context = new CudaContext(driver, ordinal);
        try
        {
            CudaHardware hardware = CudaHardware.Read(driver, _context.Device);
            CudaCompiler programs = new(_context, hardware.Capability, compiler, whyNoCompiler, cache, ptx ?? PtxArchive.Package);
            _programs = new CudaPrograms(_context, programs);
            _memory = new CudaMemory(_context);
            _staging = new CudaStaging(_context);
            Capabilities = new DeviceCapabilities(hardware.Name, $"sm_{hardware.Capability}", hardware.Multiprocessors, hardware.MemoryBytes);
            AsyncTensorUnits = hardware.Capability >= 80 ? hardware.Multiprocessors : 0;
        }
        catch (EngineException)
        {
            _context.Dispose();
            throw;
        }
    }

    /// <summary>The NVIDIA devices of this machine, or one entry that says why there is none.</summary>
    internal static IReadOnlyList<DeviceEntry> Entries()
    {
        if (CudaDriver.Find(out string reason) is not { } driver)
        {
            return [new DeviceEntry("cuda", string.Empty, reason, IsGpu: true)];
        }

        Nvrtc? nvrtc = Nvrtc.Find(out string whyNot);
        return CudaHardware.List(driver, nvrtc, whyNot);
    }

    /// <inheritdoc/>
    public override string Name => _context.Name;

    /// <inheritdoc/>
    public override DeviceCapabilities Capabilities { get; }

    internal override int AsyncTensorUnits { get; }

    /// <inheritdoc/>
    public override void Synchronize() => _context.Synchronize();

    /// <inheritdoc/>
    public override LaunchGraph CreateGraph() =>
        _context.Driver.HasGraphs ? new CudaGraph(_context, _memory, _staging, () => _profile is null) : base.CreateGraph();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _profile?.Dispose();
        _programs.Dispose();
        _staging.Dispose();
        _context.Dispose();
    }

    [SkipLocalsInit]
    private protected override void Launch(KernelDescriptor kernel, void* arguments, long blocks)
    {
        byte* bytes = stackalloc byte[KernelArguments.MaxBytes];
        KernelArguments.Entry* entries = stackalloc KernelArguments.Entry[KernelArguments.MaxCount];
        KernelArguments packed = new(bytes, entries);
        _ = LaunchChecks.SourceOf(kernel, Name);
        kernel.Bind(arguments, ref packed);
        void** parameters = stackalloc void*[KernelArguments.MaxCount];
        for (int i = 0; i < packed.Count; i++)
        {
            parameters[i] = packed[i].Value;
        }

        lock (_launching)
        {
            CudaProgram program = _programs.Get(kernel, packed.Specialized);
            program.Checks.Launch(packed, blocks);
            _context.Enter();
            nint started = _profile?.Start() ?? 0;
            int status = _context.Driver.LaunchKernel(
                program.Function, (uint)blocks, 1, 1, (uint)program.Lanes, 1, 1, 0, _context.Stream, parameters, null);
            if (status != CudaStatus.Success)
            {
                _context.Fail(status, $"launching {CudaContext.Cite(kernel)} with {blocks} blocks of {program.Lanes} lanes");
            }

            _context.LastLaunched = kernel;
            _profile?.End(started);
        }
    }

    private protected override void StartProfile(ProfileLog log)
    {
        lock (_launching)
        {
            _profile = new CudaProfile(_context, log);
        }
    }

    private protected override void StopProfile()
    {
        lock (_launching)
        {
            using CudaProfile? profile = _profile;
            _profile = null;
            profile?.Collect();
        }
    }

    private protected override nint AllocateBlock(long bytes) => _memory.Allocate(bytes);

    private protected override void FreeBlock(nint address, long bytes) => _memory.Free(address);

    internal override void CopyFromHost(void* source, nint target, long bytes) => _staging.ToDevice((byte*)source, target, bytes);

    internal override void CopyToHost(nint source, void* target, long bytes) => _staging.ToHost(source, (byte*)target, bytes);
}
