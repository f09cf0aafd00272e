namespace Engine;

/// <summary>Where the CUDA driver and NVRTC are looked for, in order.</summary>
internal static class CudaLibraries
{
    /// <summary>The variable that names an NVRTC library by its path, before all others.</summary>
    public const string NvrtcVariable = "ENGINE_NVRTC";

    private static readonly string[] ToolkitVariables = ["CUDA_PATH", "CUDA_HOME"];
    private static readonly string[] ToolkitFolders = OperatingSystem.IsWindows() ? ["bin", "bin/x64"] : ["lib64", "lib"];

    /// <summary>The driver's library, which comes with the display driver.</summary>
    public static IReadOnlyList<string> Driver { get; } =
        OperatingSystem.IsWindows() ? ["nvcuda.dll"] : ["libcuda.so.1", "libcuda.so"];

    /// <summary>NVRTC by name, newest first; 11.2 is the name of all of 11.2 to 11.8.</summary>
    public static IReadOnlyList<string> NvrtcNames { get; } = OperatingSystem.IsWindows()
        ? ["nvrtc64_130_0.dll", "nvrtc64_120_0.dll", "nvrtc64_112_0.dll"]
        : ["libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2", "libnvrtc.so"];

    /// <summary>
    /// What to open for NVRTC: the path in <see cref="NvrtcVariable"/>, then the names wherever the loader looks, then the
    /// toolkit's own folder, which most installations do not tell the loader about.
    /// </summary>
    public static IEnumerable<string> Nvrtc()
    {
        if (Environment.GetEnvironmentVariable(NvrtcVariable) is { Length: > 0 } path)
        {
            return [path];
        }

        IEnumerable<string> inToolkits =
            from toolkit in Toolkits()
            from folder in ToolkitFolders
            from name in NvrtcNames
            select Path.Combine(toolkit, folder, name);
        return NvrtcNames.Concat(inToolkits);
    }

    private static IEnumerable<string> Toolkits()
    {
        IEnumerable<string> named = ToolkitVariables.Select(Environment.GetEnvironmentVariable).OfType<string>().Where(f => f.Length > 0);
        return OperatingSystem.IsWindows() ? named : named.Append("/usr/local/cuda");
    }
}
