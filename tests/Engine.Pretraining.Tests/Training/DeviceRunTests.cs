using Engine.Pretraining.Configuration;
using Engine.Pretraining.Training;
using Engine.Testing;
using Xunit;

namespace Engine.Pretraining.Tests.Training;

/// <summary>A run on an accelerator is the run on the CPU: the same losses, the same samples, step by step.</summary>
[Collection(TestDevices.Collection)]
public sealed class DeviceRunTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Accelerators => [.. TestDevices.Accelerators];

    public static TheoryData<string, string> Precisions =>
        [.. from device in TestDevices.Accelerators from precision in new[] { "fp32", "bf16", "fp16" } select (device, precision)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Accelerators))]
    public void Fifty_steps_of_shakespeare_char_lose_what_they_lose_on_the_cpu(string deviceName)
    {
        TestDevices.Require(deviceName);

        // The preset as it is, model, batch and learning rates; only the run around it is shorter.
        PretrainConfig config = Presets.Get("shakespeare-char") with
        {
            MaxSteps = 50, WarmupSteps = 50, EvalInterval = 50, EvalBatches = 2, SampleTokens = 20, SampleEvery = 0, CheckpointEvery = 0,
        };
        RecordingObserver expected = Run(config with { Device = "cpu" });
        RecordingObserver actual = Run(config with { Device = deviceName });
        double worst = expected.Losses.Max(step => Math.Abs(step.Value - actual.Losses[step.Key]));
        output.WriteLine($"{deviceName}: loss {actual.Losses[1]:0.0000} to {actual.Losses[50]:0.0000}, at most {worst:0.0e0} from the CPU's");
        Assert.Equal(50, actual.Losses.Count);
        Assert.All(expected.Losses, step => Assert.InRange(actual.Losses[step.Key], step.Value - 1e-3f, step.Value + 1e-3f));
        Assert.All(expected.Evaluations, step => Assert.InRange(actual.Evaluations[step.Key], step.Value - 1e-3, step.Value + 1e-3));
        Assert.True(actual.Losses[50] < 3f, "it has learnt nothing");
    }

    [Theory]
    [MemberData(nameof(Precisions))]
    public void A_run_that_was_stopped_and_resumed_equals_one_that_was_not(string deviceName, string precision)
    {
        TestDevices.Require(deviceName);
        PretrainConfig config = TinyRun.Config with { Device = deviceName, Precision = precision };
        string parts = _folder.File("parts");
        RecordingObserver whole = Run(config);
        RecordingObserver first = new() { StopAfter = 7 };
        PretrainRun.Start(config, parts, first, stop: first.Stop);
        RecordingObserver second = new();
        PretrainRun.Resume(PretrainRun.ConfigOf(parts), parts, second);
        Assert.Equal(7, second.Start.FirstStep);
        Assert.Equal(whole.Losses, first.Losses.Concat(second.Losses).ToDictionary());
        Assert.Equal(whole.Evaluations[config.MaxSteps], second.Evaluations[config.MaxSteps]);
        Assert.Equal(whole.Samples[config.MaxSteps], second.Samples[config.MaxSteps]);
    }

    [Theory]
    [MemberData(nameof(Accelerators))]
    public void Sixteen_bits_lose_what_they_lose_on_the_cpu(string deviceName)
    {
        TestDevices.Require(deviceName);
        foreach (string precision in new[] { "bf16", "fp16" })
        {
            PretrainConfig config = Presets.Get("shakespeare-char") with
            {
                NLayer = 2, NHead = 2, NEmbd = 64, BlockSize = 32, MaxSteps = 20, WarmupSteps = 20, EvalInterval = 0, EvalBatches = 2, SampleTokens = 0,
                CheckpointEvery = 0, Precision = precision,
            };
            RecordingObserver expected = Run(config with { Device = "cpu" });
            RecordingObserver actual = Run(config with { Device = deviceName });
            double worst = expected.Losses.Max(step => Math.Abs(step.Value - actual.Losses[step.Key]));
            output.WriteLine($"{deviceName} {precision}: loss {actual.Losses[1]:0.0000} to {actual.Losses[20]:0.0000}, at most {worst:0.0e0} from the CPU's");

            // A sum in another order may round to the neighbouring 16-bit number, which bf16 has every 256th of a value.
            Assert.All(expected.Losses, step => Assert.InRange(actual.Losses[step.Key], step.Value - 5e-4f, step.Value + 5e-4f));
            Assert.True(actual.Losses[20] < 3.9f, "it has learnt nothing");
        }
    }

    private RecordingObserver Run(PretrainConfig config)
    {
        RecordingObserver observer = new();
        PretrainRun.Start(config, Path.Combine(_folder.Path, $"{config.Device}-{config.Precision}"), observer, stop: observer.Stop);
        return observer;
    }
}
