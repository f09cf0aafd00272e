namespace Engine;

/// <summary>A device that this machine has, or a backend that it could have.</summary>
/// <param name="Name">How the command line spells it: <c>cpu</c>, <c>opencl:0</c> … or the backend alone if it has no device.</param>
/// <param name="Hardware">The hardware's own name; empty if there is none.</param>
/// <param name="Problem">Why it cannot be used; null if it can.</param>
/// <param name="IsGpu">Whether it is a GPU.</param>
public sealed record DeviceEntry(string Name, string Hardware, string? Problem, bool IsGpu)
{
    /// <summary>One line about it.</summary>
    public override string ToString() =>
        Problem is null ? $"{Name}: {Hardware}"
        : Hardware.Length > 0 ? $"{Name}: {Hardware}, not usable: {Problem}"
        : $"{Name}: {Problem}";
}
