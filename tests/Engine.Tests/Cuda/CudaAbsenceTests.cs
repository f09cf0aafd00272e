using Engine.Testing;
using Xunit;

namespace Engine.Tests.Cuda;

/// <summary>The report of what was not tested where there is no NVIDIA GPU.</summary>
[Collection(TestDevices.Collection)]
public sealed class CudaAbsenceTests
{
    [Fact]
    public void Parity_runs_on_real_hardware() => TestDevices.Require("cuda");
}
