using Engine.Nn;
using Engine.Optim;
using Engine.Testing;
using Xunit;

namespace Engine.Tests.Optim;

[Collection(TestDevices.Collection)]
public sealed class OptimizerTests
{
    public static TheoryData<string> Names => [.. Optimizers.All.Keys];

    public static TheoryData<string, string> NamesOnDevices
    {
        get
        {
            TheoryData<string, string> data = [];
            foreach (string device in TestDevices.Names)
            {
                foreach (string name in Optimizers.All.Keys)
                {
                    data.Add(name, device);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(NamesOnDevices))]
    public void Every_device_agrees_with_the_reference(string name, string deviceName)
    {
        using Device reference = TestDevices.Reference();
        using Device device = TestDevices.Open(deviceName);
        float[][] expected = Train(name, reference);
        float[][] actual = Train(name, device);
        for (int i = 0; i < expected.Length; i++)
        {
            Tolerance.Parity.AssertClose(expected[i], actual[i], $"{name} parameter {i} on {deviceName}");
        }

        Assert.Equal(0, device.Memory.LiveBytes);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_number_of_threads_does_not_change_a_bit(string name)
    {
        using CpuDevice one = new(threads: 1);
        using CpuDevice three = new(threads: 3);
        Assert.Equal(Train(name, one), Train(name, three));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_steady_step_allocates_nothing(string name)
    {
        using CpuDevice device = new(threads: 1);
        using OptimModel model = OptimModel.Random(device, [7, 5], [33]);
        using Optimizer optimizer = Optimizers.Make(name, model.Parameters);
        using GradientClipping clipping = new(model.Parameters);
        model.RandomGradients(1);
        for (int i = 0; i < 3; i++)
        {
            Step();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        Step();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Step()
        {
            clipping.Measure(1.0, optimizer.GradScale);
            optimizer.LearningRate = 0.01;
            optimizer.Step(clipping.Scale);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Resumes_to_the_bit_from_its_state(string name)
    {
        using CpuDevice device = new(threads: 1);
        using OptimModel whole = OptimModel.Random(device, [7, 5], [33]);
        using OptimModel half = OptimModel.Random(device, [7, 5], [33]);
        using Optimizer first = Optimizers.Make(name, whole.Parameters);
        Run(whole, first, 0, 3);
        using Optimizer second = Optimizers.Make(name, half.Parameters);
        second.StepCount = first.StepCount;
        Assert.Equal(first.StateTensors.Select(s => s.Name), second.StateTensors.Select(s => s.Name));
        foreach (((_, Tensor from), (_, Tensor to)) in first.StateTensors.Zip(second.StateTensors))
        {
            to.Load<float>(from.ToArray());
        }

        foreach ((Parameter from, Parameter to) in whole.Parameters.Zip(half.Parameters))
        {
            to.Value.Load<float>(from.Value.ToArray());
        }

        Run(whole, first, 3, 6);
        Run(half, second, 3, 6);
        Assert.Equal(Values(whole), Values(half));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void GradScale_and_clip_multiply_the_gradient(string name)
    {
        using CpuDevice device = new(threads: 1);
        using OptimModel scaled = OptimModel.Random(device, [7, 5], [33]);
        using OptimModel plain = OptimModel.Random(device, [7, 5], [33]);
        using Optimizer a = Optimizers.Make(name, scaled.Parameters);
        using Optimizer b = Optimizers.Make(name, plain.Parameters);
        using Tensor clip = Tensor.From<float>(device, [0.5f], [1]);
        a.GradScale = 0.25;
        for (ulong step = 0; step < 3; step++)
        {
            scaled.RandomGradients(step);
            plain.RandomGradients(step);
            foreach (Parameter p in plain.Parameters)
            {
                OptimModel.SetGradient(p, [.. p.Grad.ToArray().Select(g => g * 0.125f)]);
            }

            a.Step(clip);
            b.Step();
        }

        Assert.Equal(Values(plain), Values(scaled));
    }

    [Fact]
    public void A_parameter_without_gradient_is_skipped_and_named()
    {
        using CpuDevice device = new(threads: 1);
        using OptimModel model = OptimModel.Random(device, [2, 2], [3]);
        using AdamW optimizer = new(ParameterGroup.Split(model.Parameters, 0.1), 0.1);
        float[] before = model.Parameters[1].Value.ToArray();
        OptimModel.SetGradient(model.Parameters[0], [1, 2, 3, 4]);
        optimizer.Step();
        Assert.Equal(["b"], optimizer.Unreached);
        Assert.Equal(before, model.Parameters[1].Value.ToArray());
        OptimModel.SetGradient(model.Parameters[1], [1, 2, 3]);
        optimizer.Step();
        Assert.Empty(optimizer.Unreached);
        optimizer.ZeroGrad();
        Assert.All(model.Parameters, p => Assert.False(p.Grad.IsDefined));
    }

    [Fact]
    public void Split_decays_matrices_only()
    {
        using CpuDevice device = new(threads: 1);
        using OptimModel model = OptimModel.Random(device, [2, 2], [3], [], [1, 1, 2]);
        IReadOnlyList<ParameterGroup> groups = ParameterGroup.Split(model.Parameters, 0.1);
        Assert.Equal(["a", "d"], groups[0].Parameters.Select(p => p.Name));
        Assert.Equal(["b", "c"], groups[1].Parameters.Select(p => p.Name));
        Assert.Equal([0.1, 0.0], groups.Select(g => g.WeightDecay));
    }

    [Fact]
    public void The_scale_of_a_group_multiplies_its_learning_rate()
    {
        using CpuDevice device = new(threads: 1);
        using OptimModel model = OptimModel.Random(device, [2], [2]);
        float[][] before = Values(model);
        using Sgd optimizer = new([new([model.Parameters[0]]), new([model.Parameters[1]], learningRateScale: 0.5)], 1);
        foreach (Parameter p in model.Parameters)
        {
            OptimModel.SetGradient(p, [1, 1]);
        }

        optimizer.Step();
        Assert.Equal([before[0][0] - 1f, before[0][1] - 1f], model.Parameters[0].Value.ToArray());
        Assert.Equal([before[1][0] - 0.5f, before[1][1] - 0.5f], model.Parameters[1].Value.ToArray());
    }

    [Fact]
    public void State_is_named_after_parameters()
    {
        using CpuDevice device = new(threads: 1);
        using OptimModel model = OptimModel.Random(device, [2], [3]);
        using AdamW optimizer = new([new(model.Parameters)]);
        Assert.Equal(["a.exp_avg", "a.exp_avg_sq", "b.exp_avg", "b.exp_avg_sq"], optimizer.StateTensors.Select(s => s.Name));
        using Sgd plain = new([new(model.Parameters)], 0.1);
        Assert.Empty(plain.StateTensors);
    }

    [Fact]
    public void A_step_bumps_the_version_of_the_parameter()
    {
        using CpuDevice device = new(threads: 1);
        using OptimModel model = OptimModel.Random(device, [2]);
        using Sgd optimizer = new([new(model.Parameters)], 0.1);
        model.RandomGradients(1);
        int before = model.Parameters[0].Value.Data.Storage!.Version;
        optimizer.Step();
        Assert.Equal(before + 1, model.Parameters[0].Value.Data.Storage!.Version);
    }

    [Fact]
    public void Wrong_settings_are_named_and_leave_no_memory_behind()
    {
        using CpuDevice device = new(threads: 1);
        using OptimModel model = OptimModel.Random(device, [2, 2]);
        long live = device.Memory.LiveBytes;
        IReadOnlyList<ParameterGroup> groups = [new(model.Parameters)];
        Throws("AdamW: the learning rate is -1, expected a finite number of at least 0.", () => new AdamW(groups, -1));
        Throws("AdamW: beta2 is 1, expected at least 0 and below 1.", () => new AdamW(groups, 0.1, beta2: 1));
        Throws("Adam: eps is NaN, expected a finite number of at least 0.", () => new Adam(groups, 0.1, eps: double.NaN));
        Throws("Sgd: momentum is NaN, expected at least 0 and below 1.", () => new Sgd(groups, 0.1, double.NaN));
        Throws("Sgd: nesterov is set, but momentum is 0; expected a momentum above 0.", () => new Sgd(groups, 0.1, nesterov: true));
        Throws("Adagrad: initialAccumulator is -1, expected a finite number of at least 0.", () => new Adagrad(groups, 0.1, -1));
        Throws("ParameterGroup: weightDecay is Infinity, expected a finite number of at least 0.", () => new ParameterGroup(model.Parameters, double.PositiveInfinity));
        Throws("Lamb: no parameters are given.", () => new Lamb([]));
        Throws(
            "AdamW: the parameter a is given twice; state is kept by name, and each is updated once.",
            () => new AdamW([new(model.Parameters), new(model.Parameters)]));
        using Tensor halves = Tensor.Empty(device, [2], DType.Float16);
        Parameter half = new("h", halves);
        long withHalf = device.Memory.LiveBytes;
        Throws(
            "AdamW: h (2,) is float16, expected float32. Convert it with To(DType.Float32). [float16, cpu]",
            () => new AdamW([new([half])]));
        Assert.Equal(withHalf, device.Memory.LiveBytes);
        Assert.True(live < withHalf);
    }

    [Fact]
    public void A_wrong_clip_is_refused_before_anything_changes()
    {
        using CpuDevice device = new(threads: 1);
        using OptimModel model = OptimModel.Random(device, [2]);
        using AdamW optimizer = new([new(model.Parameters)]);
        using Tensor clip = Tensor.Zeros(device, [2]);
        Throws("AdamW: clip (2,) has 2 elements on cpu, expected 1 on cpu. [float32, cpu]", () => optimizer.Step(clip));
        Assert.Equal(0, optimizer.StepCount);
        Throws("AdamW: GradScale is 0, expected a finite number above 0.", () => optimizer.GradScale = 0);
        Throws("AdamW: StepCount is -1, expected at least 0.", () => optimizer.StepCount = -1);
    }

    [Fact]
    public void Lamb_trusts_a_zero_parameter_with_the_plain_step()
    {
        using CpuDevice device = new(threads: 1);
        using OptimModel model = OptimModel.Random(device, [2]);
        model.Parameters[0].Value.FillInPlace(0f);
        using Lamb optimizer = new([new(model.Parameters)], 0.1);
        OptimModel.SetGradient(model.Parameters[0], [3, -3]);
        optimizer.Step();
        Tolerance.Operator.AssertClose(new double[] { -0.1, 0.1 }, model.Parameters[0].Value.ToArray(), "lamb from zero");
    }

    private static void Throws(string message, Func<object> action) =>
        Assert.Equal(message, Assert.Throws<EngineException>(action).Message);

    private static void Throws(string message, Action action) =>
        Assert.Equal(message, Assert.Throws<EngineException>(action).Message);

    // Shapes around the vector widths and over more than one block.
    private static float[][] Train(string name, Device device)
    {
        using OptimModel model = OptimModel.Random(device, [], [1], [0], [31], [3, 11], [1025], [3, 4097]);
        using Optimizer optimizer = Optimizers.Make(name, model.Parameters);
        Run(model, optimizer, 0, 4);
        return Values(model);
    }

    private static void Run(OptimModel model, Optimizer optimizer, ulong from, ulong to)
    {
        for (ulong step = from; step < to; step++)
        {
            model.RandomGradients(step);
            optimizer.Step();
        }
    }

    private static float[][] Values(OptimModel model) => [.. model.Parameters.Select(p => p.Value.ToArray())];
}
