namespace Engine.KernelLanguage;

/// <summary>
/// How an intrinsic is spelt on each device; its C# body is the third spelling. A missing body, CUDA or OpenCL name
/// fails a test, so no intrinsic exists on one device only.
/// </summary>
/// <param name="cuda">The CUDA C++ function.</param>
/// <param name="openCl">The OpenCL C function.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class IntrinsicAttribute(string cuda, string openCl) : Attribute
{
    /// <summary>The CUDA C++ function.</summary>
    public string Cuda { get; } = cuda;

    /// <summary>The OpenCL C function.</summary>
    public string OpenCl { get; } = openCl;
}
