namespace Engine.KernelLanguage;

/// <summary>The language that a device's compiler reads.</summary>
public enum Dialect
{
    /// <summary>CUDA C++, for NVRTC.</summary>
    Cuda,

    /// <summary>OpenCL C 1.2.</summary>
    OpenCl,
}
