namespace Engine.KernelLanguage;

/// <summary>
/// The root of interfaces whose <c>static abstract</c> members a generic kernel calls, such as the activation of a fused
/// matrix product. A struct that implements one is <c>partial</c>; the kernel compiler writes its device text.
/// </summary>
public interface IDeviceFunctions
{
    /// <summary>The device text of the struct's members.</summary>
    static abstract DeviceFunctions Device { get; }
}
