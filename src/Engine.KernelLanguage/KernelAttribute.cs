namespace Engine.KernelLanguage;

/// <summary>
/// Marks a <c>readonly partial record struct</c> as a kernel: its primary-constructor parameters are the kernel's
/// arguments and <see cref="IKernel.Execute"/> is its body. The body must be correct for any block size, 1 included.
/// </summary>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class KernelAttribute : Attribute
{
    /// <summary>Lanes a block should have on a GPU; 0 leaves it to the device.</summary>
    public int Lanes { get; init; }
}
