using Engine.KernelLanguage;
using Engine.Nn;
using Engine.Optim;
using Xunit;

namespace Engine.Tests.Precision;

public sealed class ParameterStorageTests : IDisposable
{
    private readonly CpuDevice _device = new(threads: 1);

    public void Dispose() => _device.Dispose();

    [Fact]
    public void Matrices_get_a_copy_and_vectors_do_not()
    {
        using (Net net = new(_device))
        {
            net.StoreAs(DType.BFloat16);
            Assert.Equal(DType.BFloat16, net.Table.Weight.Value.DType);
            Assert.Equal(DType.Float32, net.Table.Weight.Master.DType);
            Assert.Equal(DType.Float32, net.Norm.Weight.Value.DType);
            Assert.Equal(net.Norm.Weight.Master, net.Norm.Weight.Value);
            Assert.Equal(Rounded(net.Table.Weight.Master), net.Table.Weight.Value.ToArray());
            using (StepScope step = new(_device))
            {
                Assert.Equal(DType.BFloat16, net.Loss(step, hidden: true).DType);
            }

            net.StoreAs(DType.Float32);
            Assert.Equal(net.Table.Weight.Master, net.Table.Weight.Value);
            Assert.True(net.Table.Weight.Value.RequiresGrad);
            EngineException e = Assert.Throws<EngineException>(() => net.StoreAs(DType.Int32));
            Assert.Equal("StoreAs: int32 cannot hold weights; expected float32, bfloat16, float16 or int8.", e.Message);
        }

        Assert.Equal(0, _device.Memory.LiveBytes);
    }

    [Theory]
    [InlineData(DType.BFloat16)]
    [InlineData(DType.Float16)]
    public void Gradients_are_float32_also_of_a_tied_table(DType type)
    {
        using Net exact = new(_device);
        using Net net = new(_device);
        net.StoreAs(type);
        Backward(exact, 1f);
        Backward(net, 1f);
        foreach ((Parameter a, Parameter b) in exact.Parameters.Zip(net.Parameters))
        {
            Assert.Equal(DType.Float32, b.Grad.DType);
            Assert.Null(b.Grad.Scope);
            float[] expected = a.Grad.ToArray();
            float[] actual = b.Grad.ToArray();
            double error = Math.Sqrt(expected.Zip(actual, (x, y) => (x - (double)y) * (x - y)).Sum());
            double size = Math.Sqrt(expected.Sum(x => (double)x * x));
            Assert.InRange(error, 0, size * (type == DType.BFloat16 ? 2e-2 : 3e-3));

            // Rounded gradients would all be numbers of the 16-bit type.
            Assert.Contains(actual, x => type == DType.BFloat16 ? (float)(BFloat16)x != x : (float)(Half)x != x);
        }
    }

    [Fact]
    public void Micro_batches_add_up_in_float32()
    {
        using Net net = new(_device);
        net.StoreAs(DType.BFloat16);
        Backward(net, 1f);
        float[] once = net.Table.Weight.Grad.ToArray();
        for (int i = 1; i < 1024; i++)
        {
            Backward(net, 1f);
        }

        // bf16 would stop growing at 256 times the first gradient.
        float[] sum = net.Table.Weight.Grad.ToArray();
        for (int i = 0; i < once.Length; i++)
        {
            Assert.InRange(sum[i], (1024 * once[i]) - (1e-3f * MathF.Abs(1024 * once[i])) - 1e-6f, (1024 * once[i]) + (1e-3f * MathF.Abs(1024 * once[i])) + 1e-6f);
        }
    }

    [Fact]
    public void Steps_too_small_for_the_copy_add_up_in_the_master()
    {
        using Net net = new(_device);
        net.StoreAs(DType.BFloat16);
        Parameter table = net.Table.Weight;
        using Sgd sgd = new(ParameterGroup.Split(net.Parameters, 0), 1e-3);
        float[] start = table.Master.ToArray();
        int version = table.Value.Data.Storage!.Version;
        Backward(net, 1f);
        sgd.Step();
        Assert.Equal(version + 1, table.Value.Data.Storage!.Version);
        Assert.NotEqual(start, table.Master.ToArray());
        Assert.Equal(Rounded(table.Master), table.Value.ToArray());
        for (int i = 0; i < 200; i++)
        {
            sgd.Step();
        }

        float[] expected = [.. start.Zip(table.Grad.ToArray(), (w, g) => w - (0.201f * g))];
        Assert.All(expected.Zip(table.Master.ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
        Assert.Equal(Rounded(table.Master), table.Value.ToArray());
    }

    [Fact]
    public void A_moving_average_follows_the_masters()
    {
        using Net net = new(_device);
        net.StoreAs(DType.BFloat16);
        using MovingAverageWeights average = new(net.Parameters, 0.5);
        float[] start = net.Table.Weight.Master.ToArray();
        net.Table.Weight.Master.FillInPlace(2.001f);
        net.Refresh();
        average.Swap();
        Assert.Equal(start, net.Table.Weight.Master.ToArray());
        Assert.Equal(Rounded(net.Table.Weight.Master), net.Table.Weight.Value.ToArray());
    }

    [Fact]
    public void The_gradient_of_a_loss_times_a_scale_is_the_gradient_times_the_scale()
    {
        using Net net = new(_device);
        Backward(net, 1f);
        float[] once = net.Table.Weight.Grad.ToArray();
        net.ZeroGrad();
        Backward(net, 65536f);
        Assert.Equal(once.Select(x => x * 65536f), net.Table.Weight.Grad.ToArray());
    }

    [Theory]
    [InlineData(DType.BFloat16)]
    [InlineData(DType.Float16)]
    public void A_steady_step_allocates_nothing(DType type)
    {
        using Net net = new(_device);
        net.StoreAs(type);
        using AdamW adam = new(ParameterGroup.Split(net.Parameters, 0.1), 1e-3);
        StepScope step = new(_device);
        for (int i = 0; i < 50; i++)
        {
            Step();
        }

        long live = _device.Memory.LiveBytes;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20; i++)
        {
            Step();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(live, _device.Memory.LiveBytes);

        void Step()
        {
            step.Backward(net.Loss(step, hidden: false), 4f);
            adam.Step();
            adam.ZeroGrad();
            step.Clear();
        }
    }

    private static void Backward(Net net, float scale)
    {
        using StepScope step = new(net.Device);
        step.Backward(net.Loss(step, hidden: false), scale);
    }

    private static float[] Rounded(Tensor x) => [.. x.ToArray().Select(v => (float)(BFloat16)v)];

    /// <summary>An embedding that is also the output layer, as in GPT-2, with a norm and a layer between.</summary>
    private sealed class Net : Module
    {
        private readonly Conv1D _layer;

        public Net(Device device)
            : base(device)
        {
            RandomStream random = new(5, 1);
            Table = Add("table", new Embedding(device, 11, 12, Initializer.Normal(0.5f, random)));
            Norm = Add("norm", new Nn.LayerNorm(device, 12));
            _layer = Add("layer", new Conv1D(device, 12, 12, Initializer.Normal(0.5f, random), Activation.GeluTanh));
        }

        public Embedding Table { get; }

        public Nn.LayerNorm Norm { get; }

        public Tensor Loss(StepScope step, bool hidden)
        {
            Tensor x = Table.Forward(step.From<int>([0, 5, 10, 5, 3, 1], [2, 3]));
            x += step.Use(Table.Weight).Slice(0, 0, 3);
            x += _layer.Forward(Norm.Forward(x));
            return hidden ? x : x.LinearCrossEntropy(Table.Weight, step.From<int>([1, 2, 3, 4, 5, 6], [2, 3]));
        }
    }
}
