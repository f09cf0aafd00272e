using Engine.Pretraining.Configuration;
using Engine.Pretraining.Training;
using Engine.Testing;
using Xunit;

namespace Engine.Pretraining.Tests.Training;

/// <summary>
/// Training on the CUDA device over a fake driver, its kernels compiled for the host from their CUDA text: what a GPU would be
/// told to do gives the CPU's losses, and gathered as graphs the same ones to the bit.
/// </summary>
public sealed class CudaTrainingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("fp32", 1e-3f)]
    [InlineData("bf16", 3e-2f)]
    public void A_run_has_the_losses_of_the_Cpu_and_graphs_change_no_bit(string precision, float tolerance)
    {
        PretrainConfig config = TinyRun.Config with
        {
            MaxSteps = 4, WarmupSteps = 1, EvalInterval = 3, BatchSize = 2, BlockSize = 8, EvalBatches = 1, CheckpointEvery = 0, SampleTokens = 0, Precision = precision,
        };
        using CudaDevice plain = HostCuda.Open();
        RecordingObserver launched = Run(plain, config, "plain");
        using CudaDevice captured = HostCuda.Open(out FakeGpu gpu);
        RecordingObserver gathered = Run(captured, config with { CudaGraphs = true }, "graphs");
        Assert.Equal(launched.Losses, gathered.Losses);
        Assert.Equal(launched.Evaluations, gathered.Evaluations);

        // Gradients and update are a graph each: launched in the first step, made in the second, updated in the other two.
        Assert.Equal(2, gpu.Calls.Count(c => c == "GraphInstantiate"));
        Assert.Equal(2 * 2, gpu.Calls.Count(c => c == "GraphExecUpdate"));
        Assert.Empty(gpu.Faults);

        using CpuDevice cpu = new();
        RecordingObserver reference = Run(cpu, config, "cpu");
        Assert.All(reference.Losses, step => Assert.Equal(step.Value, launched.Losses[step.Key], tolerance));
    }

    private RecordingObserver Run(Device device, PretrainConfig config, string name)
    {
        RecordingObserver seen = new();
        PretrainRun.StartOn(device, string.Empty, config, _folder.File(name), seen);
        return seen;
    }
}
