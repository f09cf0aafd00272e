using Engine.Testing;
using Xunit;

namespace Engine.Tests.Cuda;

/// <summary>
/// Runs the CUDA text of kernels without a GPU (see <see cref="HostCompiler"/>): every op agrees with the reference, forward and
/// backward, so the prelude, the collectives and the way launches are made are right, whatever remains to be seen on hardware.
/// </summary>
public sealed class HostCudaTests
{
    private static readonly Dictionary<string, OpCase> All = OpRegistry.CasesOf(typeof(HostCudaTests).Assembly);

    public static TheoryData<string> Cases => [.. All.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Cuda_text_computes_what_the_reference_does(string name) => OpCheck.Parity(All[name], TestDevices.CudaOnHost);
}
