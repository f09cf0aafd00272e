namespace Engine;

/// <summary>What a program is compiled to for a device: machine code of its architecture, or PTX that its driver finishes.</summary>
internal static class CudaTarget
{
    /// <summary>The target that a compiler offers a device.</summary>
    /// <param name="compiler">The compiler.</param>
    /// <param name="capability">The device's compute capability, 10·major + minor.</param>
    /// <param name="device">The device's name, for the message.</param>
    /// <returns>
    /// A real architecture (<c>sm_90</c>) if the compiler knows the device's, else the newest virtual one below it (<c>compute_80</c>).
    /// </returns>
    /// <exception cref="EngineException">The compiler is too new for the device.</exception>
    public static string For(ICudaCompiler compiler, int capability, string device)
    {
        int nearest = compiler.Architectures.LastOrDefault(a => a <= capability);
        return nearest == 0
            ? throw new EngineException(
                $"{device} has compute capability {Format(capability)}, but {compiler.Name} compiles for {Format(compiler.Architectures[0])} and above. " +
                $"Install an older CUDA toolkit, or name its library in {CudaLibraries.NvrtcVariable}.")
            : nearest == capability ? $"sm_{nearest}" : $"compute_{nearest}";
    }

    /// <summary>A compute capability as NVIDIA writes it: 9.0.</summary>
    public static string Format(int capability) => $"{capability / 10}.{capability % 10}";
}
