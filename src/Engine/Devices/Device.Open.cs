namespace Engine;

/// <content>Opening devices by the names that the command line uses.</content>
public abstract partial class Device
{
    /// <summary>Every name that <see cref="Open"/> takes.</summary>
    public static IReadOnlyList<string> Names { get; } = ["auto", "cpu"];

    /// <summary>Opens a device.</summary>
    /// <param name="name"><c>cpu</c>, or <c>auto</c> for the fastest device present.</param>
    /// <param name="threads">CPU worker threads; 0 means one for each processor.</param>
    /// <exception cref="EngineException">There is no such device; says which there are.</exception>
    public static Device Open(string name, int threads = 0) => name switch
    {
        "auto" or "cpu" => new CpuDevice(threads),
        _ => throw new EngineException($"device '{name}' is not there; this build runs on: {string.Join(", ", Names)}."),
    };
}
