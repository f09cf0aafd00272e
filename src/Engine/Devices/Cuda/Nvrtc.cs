using System.Runtime.InteropServices;
using System.Text;

namespace Engine;

/// <summary>
/// NVRTC, NVIDIA's run-time compiler of CUDA C++: found where it is installed, never shipped. It needs no GPU. Given a real
/// architecture (<c>sm_80</c>) it assembles too and gives a cubin; given a virtual one (<c>compute_80</c>), PTX.
/// </summary>
internal sealed unsafe class Nvrtc : ICudaCompiler
{
    private readonly SharedLibrary _library;
    private readonly delegate* unmanaged<nint*, byte*, byte*, int, byte**, byte**, int> _create;
    private readonly delegate* unmanaged<nint*, int> _destroy;
    private readonly delegate* unmanaged<nint, int, byte**, int> _compile;
    private readonly Version _version;

    private Nvrtc(SharedLibrary library)
    {
        _library = library;
        _create = (delegate* unmanaged<nint*, byte*, byte*, int, byte**, byte**, int>)library.Function("nvrtcCreateProgram");
        _destroy = (delegate* unmanaged<nint*, int>)library.Function("nvrtcDestroyProgram");
        _compile = (delegate* unmanaged<nint, int, byte**, int>)library.Function("nvrtcCompileProgram");
        int major = 0;
        int minor = 0;
        ((delegate* unmanaged<int*, int*, int>)library.Function("nvrtcVersion"))(&major, &minor);
        _version = new Version(major, minor);
        Architectures = ReadArchitectures();
    }

    /// <inheritdoc/>
    public string Name => $"NVRTC {_version}";

    /// <inheritdoc/>
    public IReadOnlyList<int> Architectures { get; }

    /// <summary>The installed NVRTC; null, with a reason that says what was tried, if there is none.</summary>
    public static Nvrtc? Find(out string reason)
    {
        SharedLibrary? library = SharedLibrary.TryOpen(CudaLibraries.Nvrtc());
        if (library is null)
        {
            reason = $"NVRTC is not installed (tried {string.Join(", ", CudaLibraries.NvrtcNames)})";
            return null;
        }

        try
        {
            reason = string.Empty;
            return new Nvrtc(library);
        }
        catch (EngineException e)
        {
            reason = e.Message;
            return null;
        }
    }

    /// <inheritdoc/>
    public CompilerResult Compile(string text, string file, string architecture)
    {
        nint program = 0;
        using NativeStrings names = new([text, file]);
        using NativeStrings arguments = new([$"--gpu-architecture={architecture}", "--std=c++17"]);
        int code = _create(&program, names.Pointers[0], names.Pointers[1], 0, null, null);
        if (code != 0)
        {
            return new CompilerResult([], ErrorText(code));
        }

        try
        {
            code = _compile(program, arguments.Count, arguments.Pointers);
            string log = Encoding.UTF8.GetString(Read("nvrtcGetProgramLog", program)).TrimEnd('\0', '\n');
            if (code != 0)
            {
                return new CompilerResult([], log.Length > 0 ? log : ErrorText(code));
            }

            bool real = architecture.StartsWith("sm_", StringComparison.Ordinal);
            return new CompilerResult(Read(real ? "nvrtcGetCUBIN" : "nvrtcGetPTX", program), log);
        }
        finally
        {
            _destroy(&program);
        }
    }

    private byte[] Read(string what, nint program)
    {
        nuint size = 0;
        ((delegate* unmanaged<nint, nuint*, int>)_library.Function(what + "Size"))(program, &size);
        byte[] bytes = new byte[(int)size];
        fixed (byte* target = bytes)
        {
            ((delegate* unmanaged<nint, byte*, int>)_library.Function(what))(program, target);
        }

        return bytes;
    }

    private string ErrorText(int code) => Marshal.PtrToStringUTF8(
        (nint)((delegate* unmanaged<int, byte*>)_library.Function("nvrtcGetErrorString"))(code)) ?? $"error {code}";

    private int[] ReadArchitectures()
    {
        int count = 0;
        ((delegate* unmanaged<int*, int>)_library.Function("nvrtcGetNumSupportedArchs"))(&count);
        int[] architectures = new int[count];
        fixed (int* target = architectures)
        {
            ((delegate* unmanaged<int*, int>)_library.Function("nvrtcGetSupportedArchs"))(target);
        }

        Array.Sort(architectures);
        return architectures;
    }
}
