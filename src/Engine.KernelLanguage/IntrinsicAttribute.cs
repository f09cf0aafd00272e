namespace Engine.KernelLanguage;

/// <summary>
/// How an intrinsic is spelt on each device; its C# body is the third spelling. A missing body, CUDA or OpenCL name
/// fails a test, so no intrinsic exists on one device only.
/// </summary>
/// <param name="cuda">The CUDA C++ function, or the expression that stands for a property.</param>
/// <param name="openCl">The same in OpenCL C.</param>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Property)]
public sealed class IntrinsicAttribute(string cuda, string openCl) : Attribute
{
    /// <summary>The CUDA C++ function.</summary>
    public string Cuda { get; } = cuda;

    /// <summary>The OpenCL C function.</summary>
    public string OpenCl { get; } = openCl;

    /// <summary>Every lane of the block must call it.</summary>
    public bool Collective { get; init; }

    /// <summary>It works through the block's scratch memory, passed as first argument on devices.</summary>
    public bool Scratch { get; init; }

    /// <summary>Its result differs from lane to lane.</summary>
    public bool PerLane { get; init; }
}
