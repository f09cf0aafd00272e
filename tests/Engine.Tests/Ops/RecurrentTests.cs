using Engine.Testing;
using Xunit;

namespace Engine.Tests.Ops;

/// <summary>The fused LSTM against its definition on every device, and what recurrent layers refuse.</summary>
[Collection(TestDevices.Collection)]
public sealed class RecurrentTests
{
    public static TheoryData<string, int, int, bool> Sizes =>
        [.. from device in TestDevices.Names.Prepend("None/1")
            from size in new[] { (1, 5, false), (4, 16, true), (7, 37, false) }
            select (device, size.Item1, size.Item2, size.Item3)];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void The_fused_layer_is_its_definition(string device, int B, int H, bool reverse)
    {
        const int T = 5;
        int P = (H / 2) + 1;

        // Weights that do not let rounding grow from step to step.
        InputSpec[] inputs =
            [new([T, B, 3]), new([4 * H, 3], -0.3f, 0.3f), new([4 * H, P], -0.3f, 0.3f), new([4 * H]), new([P, H], -0.3f, 0.3f), new([B, P]), new([B, H])];
        OpCheck.SameAs(
            new("lstm", inputs, (_, x) => x[0].Lstm(new(x[1], x[2], x[3], x[4]), new(x[5], x[6], Reverse: reverse))),
            (_, x) => LstmOp.Slow(x[0], new(x[1], x[2], x[3], x[4]), new(x[5], x[6], Reverse: reverse)),
            device);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_lies_behind_a_sequence_changes_nothing(bool reverse)
    {
        float[][] Run(float behind)
        {
            using Device device = new CpuDevice(threads: 1);
            using StepScope scope = new(device);
            Tensor x = scope.From<float>([1f, 2f, behind, 3f, behind, behind], [2, 3, 1], requiresGrad: true);
            Tensor w = scope.From<float>([0.1f, 0.2f, 0.3f, 0.4f], [4, 1], requiresGrad: true);
            Tensor y = x.Lstm(new(w, w), new(Lengths: scope.From<int>([2, 1], [2]), Reverse: reverse, BatchFirst: true)).Keep();
            scope.Backward(y.Sum());
            return [y.ToArray(), StepScope.Grad(x).ToArray(), StepScope.Grad(w).ToArray()];
        }

        float[][] expected = Run(0f);
        Assert.Equal(expected, Run(1e6f));
        Assert.Equal([0f, 0f, 0f], [expected[0][2], .. expected[0][4..]]);
        Assert.Equal([0f, 0f, 0f], [expected[1][2], .. expected[1][4..]]);
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_named()
    {
        Refuses(s => s.Empty([4, 2]).Lstm(new(s.Empty([8, 2]), s.Empty([8, 2]))), "Lstm: x (4, 2) has rank 2, expected rank 3. [float32, cpu]");
        Refuses(s => X(s).Lstm(new(s.Empty([7, 3]), s.Empty([7, 2]))), "Lstm: weight_hh has shape (7, 2); expected (4·H, H), or (4·H, P) with a weight_hr (P, H). [float32, cpu]");
        Refuses(s => X(s).Lstm(new(s.Empty([8, 3]), s.Empty([8, 1]))), "Lstm: weight_hh has shape (8, 1); expected (4·H, H), or (4·H, P) with a weight_hr (P, H). [float32, cpu]");
        Refuses(s => X(s).Lstm(new(s.Empty([8, 2]), s.Empty([8, 2]))), "Lstm: weight_ih has shape (8, 2), expected (8, 3). [float32, cpu]");
        Refuses(s => X(s).Lstm(new(s.Empty([8, 3]), s.Empty([8, 2])), new(C0: s.Empty([5, 1]))), "Lstm: c0 has shape (5, 1), expected (5, 2). [float32, cpu]");
        Refuses(
            s => X(s).Lstm(new(s.Empty([8, 3]), s.Empty([8, 2])), new(Lengths: s.From<int>([4, 5, 0, 1, 1], [5]))),
            "Lstm: index 5 at position 1 of lengths (5,) is outside the steps of x (4, 5, 3); expected 0 to 4. [int32, cpu]");
        Refuses(s => X(s).Gru(s.Empty([6, 3]), s.Empty([8, 2])), "Gru: weight_hh has shape (8, 2), expected (6, 2). [float32, cpu]");
        Refuses(s => s.Empty([0, 1, 3]).Rnn(s.Empty([2, 3]), s.Empty([2, 2])), "Rnn: x (0, 1, 3) has no steps; expected at least one. [float32, cpu]");
    }

    private static Tensor X(StepScope s) => s.Empty([4, 5, 3]);

    private static void Refuses(Func<StepScope, Tensor> act, string message)
    {
        using Device device = new CpuDevice(threads: 1);
        using StepScope scope = new(device);
        Assert.Equal(message, Assert.Throws<EngineException>(() => act(scope)).Message);
    }
}
