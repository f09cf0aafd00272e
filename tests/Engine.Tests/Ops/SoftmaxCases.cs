using Engine.Testing;

namespace Engine.Tests.Ops;

/// <summary>Softmax, its logarithm and log-sum-exp.</summary>
public sealed class SoftmaxCases : IOpCases
{
    public static IEnumerable<OpCase> Cases =>
    [
        new("softmax", [new([3, 5], -2f, 2f)], (_, x) => x[0].Softmax(-1)),
        new("softmax over a middle axis", [new([2, 4, 3], -2f, 2f)], (_, x) => x[0].Softmax(1)),
        new("softmax of a vector", [new([4])], (_, x) => x[0].Softmax(0)),
        new("softmax of a strided view", [new([4, 3])], (_, x) => x[0].Transpose(0, 1).Softmax(-1)),
        new("softmax in its definition", [new([3, 4], -2f, 2f)], (_, x) => SoftmaxOp.Slow(x[0], 1, log: false)),
        new("log softmax", [new([3, 5], -2f, 2f)], (_, x) => x[0].LogSoftmax(-1)),
        new("log softmax over a middle axis", [new([2, 4, 3], -2f, 2f)], (_, x) => x[0].LogSoftmax(1)),
        new("log softmax in its definition", [new([3, 4], -2f, 2f)], (_, x) => SoftmaxOp.Slow(x[0], 1, log: true)),
        new("log-sum-exp", [new([3, 5], -2f, 2f)], (_, x) => x[0].LogSumExp(-1)),
        new("log-sum-exp over a middle axis", [new([2, 4, 3], -2f, 2f)], (_, x) => x[0].LogSumExp(1, keepDim: true)),
        new("log-sum-exp in its definition", [new([3, 4], -2f, 2f)], (_, x) => LogSumExpOp.Slow(x[0], 1)),
        new("z-loss", [new([3, 5], -2f, 2f)], (_, x) => x[0].ZLoss()),
        .. Sizes("softmax", x => x.Softmax(-1)),
        .. Sizes("log softmax", x => x.LogSoftmax(-1)),
        .. Sizes("log-sum-exp", x => x.LogSumExp(-1)),
        new("softmax of large logits", [new([33, 65], -300f, 300f)], (_, x) => x[0].Softmax(-1)) { CheckGradient = false },
        new("softmax over the first axis", [new([1025, 3])], (_, x) => x[0].Softmax(0)) { CheckGradient = false },
        new("log softmax over the first axis", [new([65, 33])], (_, x) => x[0].LogSoftmax(0)) { CheckGradient = false },
        new("log-sum-exp over the first axis", [new([65, 33])], (_, x) => x[0].LogSumExp(0)) { CheckGradient = false },
        new("softmax masked", [new([3, 33])], (s, x) => (x[0] + Mask(s, 33)).Softmax(-1)) { CheckGradient = false },
        new("log-sum-exp masked", [new([3, 33])], (s, x) => (x[0] + Mask(s, 33)).LogSumExp(-1)) { CheckGradient = false },
    ];

    // −∞ on every third place.
    private static Tensor Mask(StepScope s, int n)
    {
        float[] mask = new float[n];
        for (int i = 0; i < n; i += 3)
        {
            mask[i] = float.NegativeInfinity;
        }

        return s.From<float>(mask, [n]);
    }

    private static IEnumerable<OpCase> Sizes(string name, Func<Tensor, Tensor> run) =>
        from shape in new Shape[] { [0, 5], [3, 0], [5, 1], [33, 31], [31, 33], [97, 65], [7, 1025], [2, 50257] }
        select new OpCase($"{name} {shape}", [new(shape, -5f, 5f)], (_, x) => run(x[0])) { CheckGradient = false };
}
