namespace Engine.KernelLanguage;

/// <summary>
/// Marks a kernel parameter whose every value is compiled as a program of its own: a tile size, a head size, a switch.
/// Loops bounded by it unroll and conditions on it fold. An integer, a bool or an enum.
/// </summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class SpecializeAttribute : Attribute;
