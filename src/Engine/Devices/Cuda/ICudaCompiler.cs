namespace Engine;

/// <summary>What turns CUDA C++ into something that a driver loads: <see cref="Nvrtc"/>, or a test's own.</summary>
internal interface ICudaCompiler
{
    /// <summary>Its name and version, for example <c>NVRTC 12.4</c>.</summary>
    string Name { get; }

    /// <summary>The compute capabilities it assembles for, as 10·major + minor, in ascending order.</summary>
    IReadOnlyList<int> Architectures { get; }

    /// <summary>Compiles a program.</summary>
    /// <param name="text">The whole program.</param>
    /// <param name="file">What messages call it where the text has no <c>#line</c>.</param>
    /// <param name="architecture">A real architecture (<c>sm_80</c>) for a cubin, a virtual one (<c>compute_80</c>) for PTX.</param>
    CompilerResult Compile(string text, string file, string architecture);
}

/// <summary>What a compilation gave.</summary>
/// <param name="Image">Cubin, or PTX with a zero at its end; empty if it failed.</param>
/// <param name="Log">The compiler's messages.</param>
internal readonly record struct CompilerResult(byte[] Image, string Log);
