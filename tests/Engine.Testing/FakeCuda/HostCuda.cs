using System.Diagnostics.CodeAnalysis;

namespace Engine.Testing;

/// <summary>The CUDA device with nothing of NVIDIA's: <see cref="FakeGpu"/> for the driver and <see cref="HostCompiler"/> for NVRTC.</summary>
internal static class HostCuda
{
    // What some kernels ask for; more would only be more fibers.
    private const int Lanes = 256;

    private static readonly Lazy<(HostCompiler? Compiler, string Reason)> Found = new(() =>
    {
        HostCompiler? compiler = HostCompiler.Find(out string reason);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => compiler?.Dispose();
        return (compiler, reason);
    });

    /// <summary>Opens one; skips the test on a machine that cannot compile for itself.</summary>
    public static CudaDevice Open() => Open(out _);

    /// <summary>Opens one and shows the GPU behind it.</summary>
    [SuppressMessage("Reliability", "CA2000", Justification = "The compiler is shared by all.")]
    public static CudaDevice Open(out FakeGpu gpu)
    {
        if (Found.Value.Compiler is null)
        {
            Requirement.Missing(TestDevices.CudaOnHost, Found.Value.Reason);
        }

        gpu = new FakeGpu(Lanes);
        return new CudaDevice(FakeGpu.Driver, Found.Value.Compiler, string.Empty, null);
    }
}
