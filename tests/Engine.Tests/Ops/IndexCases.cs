using Engine.Testing;

namespace Engine.Tests.Ops;

/// <summary>Selecting, gathering, masking and joining.</summary>
public sealed class IndexCases : IOpCases
{
    public static IEnumerable<OpCase> Cases =>
    [
        new("index select with repeats", [new([3, 4, 2]), InputSpec.Ints([6], 4)], (_, x) => x[0].IndexSelect(1, x[1])),
        new("index select twice", [new([4, 3]), InputSpec.Ints([5], 4)], (_, x) => x[0].IndexSelect(0, x[1]) * x[0].IndexSelect(0, x[1])),
        new("index select large", [new([33, 31]), InputSpec.Ints([1025], 33)], (_, x) => x[0].IndexSelect(0, x[1])) { CheckGradient = false },
        new("index select of the last axis", [new([31, 33]), InputSpec.Ints([65], 33)], (_, x) => x[0].IndexSelect(-1, x[1])) { CheckGradient = false },
        new("index select of nothing", [new([3, 2]), InputSpec.Ints([0], 1)], (_, x) => x[0].IndexSelect(0, x[1])) { CheckGradient = false },
        new("gather with repeats", [new([2, 3, 2]), InputSpec.Ints([2, 4, 2], 3)], (_, x) => x[0].Gather(1, x[1])),
        new("gather from part of x", [new([3, 4]), InputSpec.Ints([2, 3], 4)], (_, x) => x[0].Gather(1, x[1])),
        new("gather one of many", [new([33, 1025]), InputSpec.Ints([33, 1], 1025)], (_, x) => x[0].Gather(-1, x[1])) { CheckGradient = false },
        new("gather of strided", [new([33, 31]), InputSpec.Ints([31, 7], 33)], (_, x) => x[0].Transpose(0, 1).Gather(1, x[1])) { CheckGradient = false },
        new("masked fill", [new([3, 4]), InputSpec.Ints([3, 4], 2)], (_, x) => x[0].MaskedFill(x[1], -3f)),
        new("masked fill broadcast", [new([33, 31]), InputSpec.Ints([31], 2)], (_, x) => x[0].MaskedFill(x[1], -3f)) { CheckGradient = false },
        new("where", [InputSpec.Ints([3, 4], 2), new([4]), new([3, 1])], (_, x) => Tensor.Where(x[0], x[1], x[2])),
        new("where of strided", [InputSpec.Ints([31, 33], 2), new([33, 31]), new([1])], (_, x) => Tensor.Where(x[0], x[1].Transpose(0, 1), x[2])) { CheckGradient = false },
        new("relu by comparison", [new([7], 0.1f, 1f)], (s, x) => Tensor.Where((x[0] - 0.05f).Greater(0f), x[0], s.From<float>([0f], [1]))),
        new("cat", [new([2, 3]), new([2, 1]), new([2, 2])], (_, x) => Tensor.Cat(1, x[0], x[1], x[2])),
        new("cat of one tensor twice", [new([2, 3])], (_, x) => Tensor.Cat(0, x[0], x[0])),
        new("cat of many", [new([2, 3])], (_, x) => Tensor.Cat(-1, [.. Enumerable.Range(1, 19).Select(i => x[0] * i)])),
        new("cat of views and nothing", [new([33, 31]), new([31, 0])], (_, x) => Tensor.Cat(1, x[0].Transpose(0, 1), x[1])) { CheckGradient = false },
        new("stack", [new([2, 3]), new([2, 3])], (_, x) => Tensor.Stack(1, x[0], x[1])),
        new("stack of many at the end", [new([3])], (_, x) => Tensor.Stack(-1, [.. Enumerable.Range(1, 10).Select(i => x[0] * i)])),
    ];
}
