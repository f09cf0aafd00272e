using Engine.Nn;
using Engine.Testing;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Tests.Ops;

/// <summary>int8 weights: how far they are from the float32 ones, and that products with them are those of the numbers they stand for.</summary>
[Collection(TestDevices.Collection)]
public sealed class Int8Tests
{
    public static TheoryData<string, int, int> Products =>
        [.. TestDevices.Names.SelectMany(_ => new[] { 1, 2, 3, 7, 32, 33 }, (d, rows) => (d, rows)).SelectMany(_ => new[] { 0, 1 }, (r, axis) => (r.d, r.rows, axis))];

    [Fact]
    public void No_weight_is_off_by_more_than_half_its_scale() => Prop.ForAll(
        ArbMap.Default.ArbFor<(byte, byte, bool, int)>(),
        input =>
        {
            (int rows, int columns, int axis) = (1 + (input.Item1 % 20), 1 + (input.Item2 % 40), input.Item3 ? 1 : 0);
            using Device device = new CpuDevice(threads: 1);
            RandomStream random = new((ulong)input.Item4, stream: 3);
            float[] w = [.. Enumerable.Range(0, rows * columns).Select(i => i % 17 == 0 ? 0f : random.NextNormal() * MathF.Pow(10f, (i % 9) - 4))];
            using Tensor x = Tensor.From<float>(device, w, [rows, columns]);
            using Tensor q = x.QuantizeInt8(axis);
            float[] back = q.ToArray();
            for (int i = 0; i < w.Length; i++)
            {
                int channel = axis == 0 ? i / columns : i % columns;
                IEnumerable<float> mates = w.Where((_, j) => (axis == 0 ? j / columns : j % columns) == channel);
                float scale = mates.Max(MathF.Abs) / 127f;

                // Half a step, and the rounding of w/scale and of q·scale.
                Assert.InRange(back[i] - (double)w[i], -0.50002 * scale, 0.50002 * scale);
            }
        }).QuickCheckThrowOnFailure();

    [Theory]
    [MemberData(nameof(Products))]
    public void A_product_is_that_of_the_numbers_that_the_weights_stand_for(string deviceName, int rows, int axis)
    {
        const int K = 301;
        const int N = 77;
        using Device device = TestDevices.Open(deviceName);
        StepScope step = new(device);
        Tensor x = Random(step, [rows, K], 1);
        Tensor w = Random(step, axis == 0 ? [N, K] : [K, N], 2);
        Tensor bias = Random(step, [N], 3);
        Tensor q = w.QuantizeInt8(axis);
        Tensor wide = q.To(DType.Float32).Contiguous();
        float[] expected = (axis == 0 ? x.Linear(wide, bias) : x.Conv1D(wide, bias)).ToArray();
        float[] actual = (axis == 0 ? x.Linear(q, bias) : x.Conv1D(q, bias)).ToArray();
        Tolerance.Parity.AssertClose(expected, actual, $"{rows} rows on {deviceName}");
        step.Clear();
        Assert.Equal(0, device.Memory.LiveBytes);
    }

    [Fact]
    public void A_model_with_int8_weights_does_not_train()
    {
        using Device device = new CpuDevice(threads: 1);
        using Nn.Embedding table = new(device, 5, 8, Initializer.Normal(1f, new RandomStream(1, 1)));
        using Conv1D layer = new(device, 8, 6, Initializer.Normal(1f, new RandomStream(2, 1)));
        table.StoreAs(DType.Int8);
        layer.StoreAs(DType.Int8);
        Assert.Equal((DType.Int8, DType.Float32), (layer.Weight.Value.DType, layer.Bias!.Value.DType));
        using StepScope step = new(device);
        using StepScope inference = new(device, recording: false);
        Tensor ids = inference.From<int>([0, 4], [2]);
        Assert.Equal([2, 6], layer.Forward(table.Forward(ids)).Shape);
        Assert.Contains("has no backward", Assert.Throws<EngineException>(() => table.Forward(step.From<int>([0], [1]))).Message, StringComparison.Ordinal);
        Assert.Contains("has no backward", Assert.Throws<EngineException>(() => layer.Forward(step.From<float>(new float[8], [1, 8]))).Message, StringComparison.Ordinal);

        // A changed master is quantised again.
        layer.Weight.Master.FillInPlace(2f);
        layer.Refresh();
        Assert.All(layer.Weight.Value.ToArray(), w => Assert.Equal(2f, w, 1e-6f));
        layer.StoreAs(DType.Float32);
        Assert.Equal(layer.Weight.Master, layer.Weight.Value);
    }

    [Fact]
    public void Mistakes_are_sentences()
    {
        using Device device = new CpuDevice(threads: 1);
        using StepScope step = new(device);
        Tensor w = step.From<float>([1, 2, 3, 4, 5, 6], [2, 3]);
        Tensor q = w.QuantizeInt8();
        Tensor x = step.From<float>([1, 2, 3], [1, 3]);
        Tensor ids = step.From<int>([1], [1]);
        Says("Linear: last axis of x (1, 2) is 2, but weight has shape (2, 3). Expected weight (out, 2).", () => step.Empty([1, 2]).Linear(q));
        Says("Conv1D: the int8 weight (2, 3) has its scales along axis 0, but its outputs are axis 1. Make it with QuantizeInt8(1).", () => step.Empty([1, 2]).Conv1D(q));
        Says("Linear: x (1, 3) is bfloat16, expected float32. Convert it with To(DType.Float32).", () => x.To(DType.BFloat16).Linear(q));
        Says("Embedding: the int8 table (2, 3) has a scale for each column, expected one for each row. Make it with QuantizeInt8(0).", () => w.QuantizeInt8(1).Embedding(ids));
        Says("Int8Rows: index 2 at position 0 of indices (1,) is outside the table (2, 3); expected 0 to 1.", () => q.Embedding(step.From<int>([2], [1])));
        Says("To: x (2, 3) cannot become int8 without scales; use QuantizeInt8.", () => w.To(DType.Int8));
        Says("QuantizeInt8: x (3,) has rank 1, expected rank 2.", () => step.Empty([3]).QuantizeInt8());
        Says("QuantizeInt8: x (2, 3) is int8, expected float32. Convert it with To(DType.Float32).", () => q.QuantizeInt8());
        Says("Slice: x (2, 3) is an int8 matrix, which Linear, Conv1D and Embedding read. Convert it with To(DType.Float32).", () => q.Slice(0, 0, 1));
        foreach (Action use in new Action[]
        {
            () => q.Transpose(0, 1), () => q.Reshape(6), () => q.ToPersistent(), () => q.FillInPlace(1f), () => q.To(device), () => _ = q + q, () => q.MatMul(q), () => q.Softmax(1),
            () => w.QuantizeInt8(1).Contiguous(),
        })
        {
            Assert.Contains("int8", Assert.Throws<EngineException>(use).Message, StringComparison.Ordinal);
        }

        w.Load<float>([1, 2, float.NaN, 4, 5, 6]);
        Assert.Contains("finite", Assert.Throws<EngineException>(() => w.QuantizeInt8()).Message, StringComparison.Ordinal);

        static void Says(string sentence, Action use) => Assert.StartsWith(sentence, Assert.Throws<EngineException>(use).Message, StringComparison.Ordinal);
    }

    private static Tensor Random(StepScope step, Shape shape, ulong stream)
    {
        RandomStream random = new(11, stream);
        return step.From<float>([.. Enumerable.Range(0, (int)shape.Count).Select(_ => (2f * random.NextUniform()) - 1f)], shape);
    }
}
