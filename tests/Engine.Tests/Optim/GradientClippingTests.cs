using Engine.Optim;
using Engine.Testing;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Tests.Optim;

[Collection(TestDevices.Collection)]
public sealed class GradientClippingTests
{
    public static TheoryData<string> DeviceNames => [.. TestDevices.Names];

    [Theory]
    [MemberData(nameof(DeviceNames))]
    public void The_norm_is_that_of_float64(string deviceName)
    {
        using Device device = TestDevices.Open(deviceName);
        using OptimModel model = OptimModel.Random(device, [], [1], [0], [31], [33, 5], [1025], [40, 4097]);
        using GradientClipping clipping = new(model.Parameters);
        model.RandomGradients(5);
        clipping.Measure(double.PositiveInfinity, 0.5);
        Assert.Equal(1.0, clipping.Norm.Item() / (0.5 * Norm(model)), 1e-6);
        Assert.Equal(1f, clipping.Scale.Item());
    }

    [Fact]
    public void Threads_do_not_change_a_bit_of_the_norm()
    {
        float[] norms = [.. new[] { 1, 3 }.Select(threads =>
        {
            using CpuDevice device = new(threads);
            using OptimModel model = OptimModel.Random(device, [100, 4097], [33]);
            using GradientClipping clipping = new(model.Parameters);
            model.RandomGradients(5);
            clipping.Measure(1);
            return clipping.Norm.Item();
        })];
        Assert.Equal(norms[0], norms[1]);
    }

    [Fact]
    public void Clipping_never_lengthens_and_keeps_the_direction() =>
        Prop.ForAll(
            Gen.Choose(1, 2000).ToArbitrary(),
            Gen.Choose(1, 1000).ToArbitrary(),
            (size, thousandths) =>
            {
                using CpuDevice device = new(threads: 1);
                using OptimModel model = OptimModel.Random(device, [size], [3]);
                model.RandomGradients((ulong)size);
                float[] before = model.Parameters[0].Grad.ToArray();
                double norm = Norm(model);
                double limit = norm * thousandths / 500.0;
                float reported = GradientClipping.ByGlobalNorm(model.Parameters, limit);
                float[] after = model.Parameters[0].Grad.ToArray();
                double factor = Math.Min(1, limit / (norm + 1e-6));
                return Math.Abs(reported - norm) <= 1e-5 * norm
                    && Norm(model) <= Math.Min(norm, limit) * (1 + 1e-5)
                    && before.Zip(after).All(p => Math.Abs((p.First * factor) - p.Second) <= 1e-5 * Math.Abs(p.First));
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void Unreached_gradients_do_not_count()
    {
        using CpuDevice device = new(threads: 1);
        using OptimModel model = OptimModel.Random(device, [2], [5000], [2]);
        using GradientClipping clipping = new(model.Parameters);
        clipping.Measure(1);
        Assert.Equal((0f, 1f), (clipping.Norm.Item(), clipping.Scale.Item()));
        model.RandomGradients(1);
        clipping.Measure(1);
        model.Parameters[1].ZeroGrad();
        OptimModel.SetGradient(model.Parameters[0], [3, 0]);
        OptimModel.SetGradient(model.Parameters[2], [0, 4]);
        clipping.Measure(1);
        Assert.Equal(5f, clipping.Norm.Item());
        Assert.Equal(1f / 5.000001f, clipping.Scale.Item());
    }

    [Fact]
    public void A_gradient_that_is_not_a_number_is_not_hidden()
    {
        using CpuDevice device = new(threads: 1);
        using OptimModel model = OptimModel.Random(device, [2]);
        OptimModel.SetGradient(model.Parameters[0], [1, float.NaN]);
        Assert.True(float.IsNaN(GradientClipping.ByGlobalNorm(model.Parameters, 1)));
        Assert.All(model.Parameters[0].Grad.ToArray(), g => Assert.True(float.IsNaN(g)));
        OptimModel.SetGradient(model.Parameters[0], [-7, float.NaN]);
        GradientClipping.ByValue(model.Parameters, 2);
        Assert.Equal([-2f, float.NaN], model.Parameters[0].Grad.ToArray());
    }

    [Fact]
    public void Wrong_numbers_are_named()
    {
        using CpuDevice device = new(threads: 1);
        using CpuDevice other = new(threads: 1);
        using OptimModel model = OptimModel.Random(device, [2]);
        using OptimModel elsewhere = OptimModel.Random(other, [2]);
        Throws("GradientClipping: maxNorm is 0, expected a number above 0.", () => GradientClipping.ByGlobalNorm(model.Parameters, 0));
        Throws("GradientClipping: limit is NaN, expected a finite number above 0.", () => GradientClipping.ByValue(model.Parameters, double.NaN));
        Throws(
            "GradientClipping: a is on cpu, but a is on cpu; expected one device.",
            () => GradientClipping.ByGlobalNorm(model.Parameters.Concat(elsewhere.Parameters), 1));
    }

    private static double Norm(OptimModel model) => Math.Sqrt(model.Parameters.Sum(p => p.Grad.ToArray().Sum(g => (double)g * g)));

    private static void Throws(string message, Action action) =>
        Assert.Equal(message, Assert.Throws<EngineException>(action).Message);
}
