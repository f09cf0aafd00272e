using System.Runtime.InteropServices;
using Engine.KernelLanguage;

namespace Engine;

/// <summary>A kernel as it is loaded on a device.</summary>
/// <param name="Module">The driver's handle of what was loaded.</param>
/// <param name="Function">The driver's handle of the entry point.</param>
/// <param name="Lanes">Lanes of a block.</param>
/// <param name="Checks">What a launch is checked for.</param>
internal sealed record CudaProgram(nint Module, nint Function, int Lanes, LaunchChecks Checks);

/// <summary>The kernels of one device, each compiled and loaded at first use. The device looks them up under its lock.</summary>
internal sealed unsafe class CudaPrograms : IDisposable
{
    /// <summary>Lanes of a block where the kernel leaves it to the device: enough warps to hide latency.</summary>
    public const int PreferredLanes = 256;

    private const int MaxThreadsPerBlock = 1;
    private const int ErrorLogBuffer = 5;
    private const int ErrorLogBufferBytes = 6;
    private const int LogBytes = 8192;
    private readonly CudaContext _context;
    private readonly CudaCompiler _compiler;
    private readonly ProgramTable<CudaProgram> _table = new();
    private readonly int _maxLanes;

    /// <summary>An empty set.</summary>
    public CudaPrograms(CudaContext context, CudaCompiler compiler)
    {
        _context = context;
        _compiler = compiler;
        _maxLanes = context.Attribute(MaxThreadsPerBlock);
    }

    /// <summary>The program of a kernel.</summary>
    /// <exception cref="EngineException">It cannot be compiled or loaded.</exception>
    public CudaProgram Get(KernelDescriptor kernel, in SpecializedValues values)
    {
        if (!_table.TryGet(kernel, values, out CudaProgram? program))
        {
            program = Build(kernel, values);
            _table.Add(kernel, values, program);
        }

        return program;
    }

    /// <summary>Unloads everything.</summary>
    public void Dispose()
    {
        if (_context.TryEnter())
        {
            foreach (CudaProgram program in _table.Programs)
            {
                _ = _context.Driver.ModuleUnload(program.Module);
            }
        }
    }

    private CudaProgram Build(KernelDescriptor kernel, in SpecializedValues values)
    {
        KernelSource source = LaunchChecks.SourceOf(kernel, _context.Name);
        int lanes = LaunchChecks.Lanes(kernel, _context.Name, PreferredLanes, _maxLanes);
        CudaImage image = _compiler.Compile(kernel, source, lanes, values);
        _context.Enter();
        int status = Load(image.Bytes, out nint module, out string log);
        if (CudaStatus.IsBadImage(status) && image.IsCached)
        {
            image = _compiler.Again(kernel, source, lanes, values, image);
            status = Load(image.Bytes, out module, out log);
        }

        _context.Check(status, $"loading {CudaContext.Cite(kernel)}{(log.Length > 0 ? $" ({log})" : string.Empty)}");
        using NativeStrings name = new([source.Name]);
        nint function;
        status = _context.Driver.ModuleGetFunction(&function, module, name.Pointers[0]);
        if (status != CudaStatus.Success)
        {
            _ = _context.Driver.ModuleUnload(module);
            _context.Fail(status, $"looking for {CudaContext.Cite(kernel)} in its program");
        }

        return new CudaProgram(module, function, lanes, new LaunchChecks(kernel, _context.Name, int.MaxValue));
    }

    // The log matters for PTX, which the driver compiles when it is loaded.
    private int Load(byte[] image, out nint module, out string log)
    {
        nint loaded;
        byte* messages = stackalloc byte[LogBytes];
        new Span<byte>(messages, LogBytes).Clear();
        int* options = stackalloc int[] { ErrorLogBuffer, ErrorLogBufferBytes };
        void** values = stackalloc void*[] { messages, (void*)(LogBytes - 1) };
        fixed (byte* data = image)
        {
            int status = _context.Driver.ModuleLoadDataEx(&loaded, data, 2, options, values);
            module = loaded;
            log = status == CudaStatus.Success ? string.Empty : Marshal.PtrToStringUTF8((nint)messages)!.TrimEnd();
            return status;
        }
    }
}
