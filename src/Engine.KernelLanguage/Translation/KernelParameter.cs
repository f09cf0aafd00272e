namespace Engine.KernelLanguage;

/// <summary>One argument of a kernel.</summary>
/// <param name="Name">Its name in C#.</param>
/// <param name="Type">Its type as C# writes it.</param>
/// <param name="IsView">Whether it is a window on device memory.</param>
/// <param name="IsSpecialized">Whether each value of it is compiled as a program of its own.</param>
/// <param name="IsUnaliased">Whether no other view of the launch may overlap it.</param>
public sealed record KernelParameter(string Name, string Type, bool IsView, bool IsSpecialized = false, bool IsUnaliased = false);
