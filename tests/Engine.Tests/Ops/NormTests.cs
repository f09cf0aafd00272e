using Engine.Testing;
using Xunit;

namespace Engine.Tests.Ops;

/// <summary>What normalisations refuse, and what they do to running statistics.</summary>
[Collection(TestDevices.Collection)]
public sealed class NormTests : IDisposable
{
    private readonly CpuDevice _device = new(threads: 1);
    private readonly StepScope _scope;

    public NormTests() => _scope = new StepScope(_device);

    public void Dispose()
    {
        _scope.Dispose();
        _device.Dispose();
    }

    [Fact]
    public void A_gain_of_another_width_is_refused() => Refuses(
        () => Zeros([8, 64, 768]).LayerNorm(Zeros([512])),
        "LayerNorm: last axis of x (8, 64, 768) is 768, but gamma has shape (512,). Expected gamma (768,). [float32, cpu]");

    [Fact]
    public void A_gain_of_the_wrong_rank_is_refused() => Refuses(
        () => Zeros([2, 6]).RmsNorm(Zeros([1, 6])),
        "RmsNorm: last axis of x (2, 6) is 6, but gamma has shape (1, 6). Expected gamma (6,). [float32, cpu]");

    [Fact]
    public void Integer_parameters_are_refused() => Refuses(
        () => Zeros([2, 6]).LayerNorm(beta: _scope.Empty([6], DType.Int32)),
        "LayerNorm: beta (6,) is int32, expected float32. Convert it with To(DType.Float32). [int32, cpu]");

    [Fact]
    public void A_scalar_has_no_last_axis() => Refuses(
        () => Zeros([]).LayerNorm(), "LayerNorm: x () has rank 0, expected at least rank 1. [float32, cpu]");

    [Fact]
    public void A_channel_vector_must_fit_axis_1() => Refuses(
        () => Zeros([2, 3, 5]).GroupNorm(3, Zeros([5])),
        "GroupNorm: axis 1 of x (2, 3, 5) is 3, but gamma has shape (5,). Expected gamma (3,). [float32, cpu]");

    [Fact]
    public void Groups_must_divide_the_channels() => Refuses(
        () => Zeros([2, 6, 5]).GroupNorm(4),
        "GroupNorm: axis 1 of x (2, 6, 5) is 6, which does not split into 4 groups of equal size. [float32, cpu]");

    [Fact]
    public void Training_on_one_value_a_channel_is_refused() => Refuses(
        () => Zeros([1, 6]).BatchNorm(default, default, default, default, training: true),
        "BatchNorm: x (1, 6) has one value a channel, expected at least 2 when training: their variance is not defined. [float32, cpu]");

    [Fact]
    public void Evaluation_without_statistics_is_refused() => Refuses(
        () => Zeros([2, 6]).BatchNorm(default, default, default, default, training: false),
        "BatchNorm: runningMean is missing; evaluation normalises by the running statistics. [float32, cpu]");

    [Fact]
    public void Statistics_come_in_pairs() => Refuses(
        () => Zeros([2, 6]).BatchNorm(default, default, Zeros([6]), default, training: true),
        "BatchNorm: runningMean and runningVariance must be given together. [float32, cpu]");

    [Fact]
    public void Statistics_cannot_require_a_gradient() => Refuses(
        () => Zeros([2, 6]).BatchNorm(default, default, _scope.From<float>(new float[6], [6], requiresGrad: true), Zeros([6]), training: true),
        "BatchNorm: runningMean is updated in place: it must be contiguous and must not require a gradient. [float32, cpu]");

    public static TheoryData<string> DeviceNames => [.. TestDevices.Names];

    [Theory]
    [MemberData(nameof(DeviceNames))]
    public void Each_normalisation_equals_its_definition(string device)
    {
        static InputSpec[] Inputs(Shape shape, int channels) => [new(shape, -2f, 3f), new([channels]), new([channels])];
        OpCheck.SameAs(
            new("layer norm", Inputs([70, 37], 37), (_, x) => x[0].LayerNorm(x[1], x[2], 1e-3f)),
            (_, x) => RowNormOp<LayerNorm>.Slow(x[0], x[1], x[2], 1e-3f), device);
        OpCheck.SameAs(
            new("rms norm", Inputs([70, 37], 37)[..2], (_, x) => x[0].RmsNorm(x[1], 1e-3f)),
            (_, x) => RowNormOp<RmsNorm>.Slow(x[0], x[1], default, 1e-3f), device);
        OpCheck.SameAs(
            new("group norm", Inputs([3, 6, 5, 7], 6), (_, x) => x[0].GroupNorm(2, x[1], x[2], 1e-3f)),
            (_, x) => GroupNormOp.Slow(x[0], 2, x[1], x[2], 1e-3f), device);
        OpCheck.SameAs(
            new("batch norm", Inputs([3, 6, 5, 7], 6), (_, x) => x[0].BatchNorm(x[1], x[2], default, default, training: true, eps: 1e-3f)),
            (_, x) => BatchNormOp.Slow(x[0], x[1], x[2], 1e-3f), device);
    }

    [Fact]
    public void Running_statistics_move_once_under_checkpointing()
    {
        using Tensor mean = Tensor.Zeros(_device, [3]);
        using Tensor variance = Tensor.Zeros(_device, [3]);
        Tensor x = _scope.From<float>([1f, 2f, 3f, 3f, 4f, 5f], [2, 3], requiresGrad: true);
        _scope.Backward(_scope.Checkpoint(x, new Normalise(mean, variance)).Sum());
        Assert.Equal([0.2f, 0.3f, 0.4f], mean.ToArray());
        Assert.Equal([0.2f, 0.2f, 0.2f], variance.ToArray());
    }

    [Fact]
    public void A_large_mean_costs_no_digits()
    {
        float[] values = new float[1025];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = 1000f + (i % 2);
        }

        foreach (string name in TestDevices.Names.Prepend("None/1"))
        {
            using Device device = TestDevices.Open(name);
            using StepScope scope = new(device);
            float[] y = scope.From<float>(values, [1, 1025]).LayerNorm(eps: 0f).ToArray();
            double p = 512.0 / 1025.0;
            double deviation = Math.Sqrt(p * (1 - p));
            Assert.Equal(-p / deviation, y[0], 1e-5);
            Assert.Equal((1 - p) / deviation, y[1], 1e-5);
        }
    }

    private Tensor Zeros(Shape shape) => _scope.From<float>(new float[shape.Count], shape);

    private static void Refuses(Func<object?> act, string message) =>
        Assert.Equal(message, Assert.Throws<EngineException>(act).Message);

    private sealed class Normalise(Tensor mean, Tensor variance) : IForward
    {
        public Tensor Forward(Tensor x) => x.BatchNorm(default, default, mean, variance, training: true);
    }
}
