using System.Runtime.InteropServices;
using System.Text;

namespace Engine;

/// <summary>
/// NVRTC, NVIDIA's run-time compiler of CUDA C++: found where it is installed, never shipped. It needs no GPU. Given a real
/// architecture (<c>sm_80</c>) it assembles too and gives a cubin; given a virtual one (<c>compute_80</c>), PTX.
/// </summary>
internal sealed unsafe class Nvrtc
{
    private readonly SharedLibrary _library;
    private readonly delegate* unmanaged<nint*, byte*, byte*, int, byte**, byte**, int> _create;
    private readonly delegate* unmanaged<nint*, int> _destroy;
    private readonly delegate* unmanaged<nint, int, byte**, int> _compile;

    private Nvrtc(SharedLibrary library)
    {
        _library = library;
        _create = (delegate* unmanaged<nint*, byte*, byte*, int, byte**, byte**, int>)library.Function("nvrtcCreateProgram");
        _destroy = (delegate* unmanaged<nint*, int>)library.Function("nvrtcDestroyProgram");
        _compile = (delegate* unmanaged<nint, int, byte**, int>)library.Function("nvrtcCompileProgram");
        int major = 0;
        int minor = 0;
        ((delegate* unmanaged<int*, int*, int>)library.Function("nvrtcVersion"))(&major, &minor);
        Version = new Version(major, minor);
        Architectures = ReadArchitectures();
    }

    /// <summary>Its version, for example 12.4.</summary>
    public Version Version { get; }

    /// <summary>The compute capabilities it assembles for, as 10·major + minor, in ascending order.</summary>
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

    /// <summary>Compiles a program.</summary>
    /// <param name="text">The whole program.</param>
    /// <param name="file">What messages call it where the text has no <c>#line</c>.</param>
    /// <param name="architecture">A real architecture for a cubin, a virtual one for PTX.</param>
    /// <param name="options">Further options.</param>
    public Result Compile(string text, string file, string architecture, params IReadOnlyList<string> options)
    {
        nint program = 0;
        using NativeStrings names = new([text, file]);
        using NativeStrings arguments = new([$"--gpu-architecture={architecture}", "--std=c++17", .. options]);
        int code = _create(&program, names.Pointers[0], names.Pointers[1], 0, null, null);
        if (code != 0)
        {
            return new Result([], ErrorText(code));
        }

        try
        {
            code = _compile(program, arguments.Count, arguments.Pointers);
            string log = Encoding.UTF8.GetString(Read("nvrtcGetProgramLog", program)).TrimEnd('\0', '\n');
            if (code != 0)
            {
                return new Result([], log.Length > 0 ? log : ErrorText(code));
            }

            bool real = architecture.StartsWith("sm_", StringComparison.Ordinal);
            return new Result(Read(real ? "nvrtcGetCUBIN" : "nvrtcGetPTX", program), log);
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

    /// <summary>What a compilation gave.</summary>
    /// <param name="Image">Cubin or PTX; empty if it failed.</param>
    /// <param name="Log">The compiler's messages.</param>
    public readonly record struct Result(byte[] Image, string Log);
}
