using Engine.KernelLanguage;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Tests.Tensors;

public sealed class TensorTests : IDisposable
{
    private readonly CpuDevice _device = new(threads: 1);

    public void Dispose() => _device.Dispose();

    [Fact]
    public void Shapes_print_as_the_field_writes_them()
    {
        Assert.Equal("()", Shape.Create([]).ToString());
        Assert.Equal("(3,)", Shape.Create([3]).ToString());
        Assert.Equal("(2, 3)", Shape.Create([2, 3]).ToString());
    }

    [Fact]
    public void Permuting_there_and_back_is_the_identity() => Prop.ForAll(
        Gen.Choose(1, 5).ArrayOf(4).ToArbitrary(),
        Gen.Shuffle(new[] { 0, 1, 2, 3 }).ToArbitrary(),
        (dims, order) =>
        {
            using StepScope step = new(_device, recording: false);
            Shape shape = Shape.Create(dims);
            float[] values = [.. Enumerable.Range(0, (int)shape.Count).Select(i => (float)i)];
            int[] inverse = [.. Enumerable.Range(0, 4).Select(i => Array.IndexOf(order, i))];
            Tensor x = step.From<float>(values, shape);
            return x.Permute(order).Contiguous().Permute(inverse).ToArray().SequenceEqual(values);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Slices_put_side_by_side_are_the_whole() => Prop.ForAll(
        Gen.Choose(1, 9).ToArbitrary(),
        Gen.Choose(0, 9).ToArbitrary(),
        (n, at) =>
        {
            using StepScope step = new(_device, recording: false);
            int cut = Math.Min(n, at);
            float[] values = [.. Enumerable.Range(0, 2 * n).Select(i => (float)i)];
            Tensor x = step.From<float>(values, [2, n]).Transpose(0, 1);
            float[] parts = [.. x.Slice(0, 0, cut).ToArray(), .. x.Slice(0, cut, n).ToArray()];
            return parts.SequenceEqual(x.ToArray());
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Values_survive_a_round_trip_in_every_dtype()
    {
        float[] values = [0f, 1f, -2.5f, 1024f];
        foreach (DType dtype in new[] { DType.Float32, DType.BFloat16, DType.Float16 })
        {
            using StepScope step = new(_device, recording: false);
            Assert.Equal(values, step.From<float>(values, [2, 2]).To(dtype).ToArray());
        }

        using StepScope ints = new(_device, recording: false);
        Assert.Equal([0f, 1f, -2f, 1024f], ints.From<float>(values, [4]).To(DType.Int32).ToArray());
    }

    [Fact]
    public void Mistakes_are_named_with_shapes()
    {
        using StepScope step = new(_device);
        Tensor x = step.From<float>(new float[6], [2, 3]);
        Tensor i = step.From<int>(new int[6], [2, 3]);
        string Message(Action act) => Assert.Throws<EngineException>(act).Message;
        Assert.Equal("Reshape: x (2, 3) has 6 elements, which do not fit (4, -1). [float32, cpu]", Message(() => x.Reshape(4, -1)));
        Assert.Equal("Permute: (0, 0) does not name each axis of x (2, 3) once. [float32, cpu]", Message(() => x.Permute(0, 0)));
        Assert.Equal("Slice: range 1..4 is not inside axis 1 of x (2, 3). [float32, cpu]", Message(() => x.Slice(1, 1, 4)));
        Assert.Equal("Sum: shapes (2, 3) and (2, 2) do not broadcast: axis −1 is 3 and 2; expected equal sizes or 1. [float32, cpu]", Message(() => x.Add(x.Slice(1, 0, 2))));
        Assert.Equal("Tanh: x (2, 3) is int32, expected float32, bfloat16 or float16. Convert it with To(DType). [int32, cpu]", Message(() => i.Tanh()));
        Assert.Equal("Item: x (2, 3) has 6 elements, expected 1. [float32, cpu]", Message(() => x.Item()));
        Assert.Equal("Load: x (2, 3) has 6 elements, but 5 host values are given. [float32, cpu]", Message(() => x.Load<float>(new float[5])));
        Assert.Equal("Load: x (2, 3) holds float32, but the host values are Int32. [float32, cpu]", Message(() => x.Load<int>(new int[6])));
        Assert.Equal("Tensor: an undefined tensor (default) was used where one is needed.", Message(() => default(Tensor).Tanh()));
    }

    [Fact]
    public void Devices_do_not_mix_silently()
    {
        using CpuDevice other = new(threads: 1);
        using StepScope a = new(_device);
        using StepScope b = new(other);
        Tensor x = a.From<float>([1f], [1]);
        Tensor y = b.From<float>([1f], [1]);
        Assert.Equal("Sum: operands are on cpu and cpu; move one with To(device).", Assert.Throws<EngineException>(() => x + y).Message);
    }

    [Fact]
    public void Random_streams_are_pure_functions_of_seed_stream_and_position()
    {
        RandomStream a = new(5, 1);
        float[] first = [.. Enumerable.Range(0, 9).Select(_ => a.NextUniform())];
        a.Position = 4;
        Assert.Equal(first[4..], Enumerable.Range(0, 5).Select(_ => a.NextUniform()));
        Assert.Equal(first[7], Philox.Uniform(5, 1, 7));
    }
}
