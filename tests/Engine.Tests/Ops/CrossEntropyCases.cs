using Engine.Testing;

namespace Engine.Tests.Ops;

/// <summary>Cross-entropy with every option, and fused with the linear layer before it.</summary>
public sealed class CrossEntropyCases : IOpCases
{
    private const int Ignore = -100;

    public static IEnumerable<OpCase> Cases =>
    [
        Small("cross-entropy", (x, t, _) => x.CrossEntropy(t)),
        Small("cross-entropy sum", (x, t, _) => x.CrossEntropy(t, LossReduction.Sum)),
        Small("cross-entropy of each row", (x, t, _) => x.CrossEntropy(t, LossReduction.None)),
        Small("cross-entropy weighted", (x, t, w) => x.CrossEntropy(t, classWeights: w)),
        Small("cross-entropy smoothed", (x, t, _) => x.CrossEntropy(t, labelSmoothing: 0.2f)),
        Small("cross-entropy weighted and smoothed", (x, t, w) => x.CrossEntropy(t, classWeights: w, labelSmoothing: 0.2f)),
        new("cross-entropy of sequences", [new([2, 3, 4])], (s, x) => x[0].CrossEntropy(s.From<int>([1, Ignore, 0, 3, 3, 2], [2, 3]))),
        new("cross-entropy with a class ignored", [new([3, 4])], (s, x) => x[0].CrossEntropy(s.From<int>([1, 2, 0], [3]), ignoreIndex: 2)),
        new("cross-entropy of one row", [new([4])], (s, x) => x[0].CrossEntropy(s.From<int>([3], []))),
        new("cross-entropy of a strided view", [new([4, 3])], (s, x) => x[0].Transpose(0, 1).CrossEntropy(s.From<int>([3, 0, 2], [3]))),
        .. Large("cross-entropy", (x, t, _) => x.CrossEntropy(t)),
        .. Large("cross-entropy of each row", (x, t, _) => x.CrossEntropy(t, LossReduction.None, ignoreIndex: 0)),
        .. Large("cross-entropy weighted", (x, t, w) => x.CrossEntropy(t, classWeights: w)),
        .. Large("cross-entropy smoothed", (x, t, _) => x.CrossEntropy(t, labelSmoothing: 0.1f)),
        .. Large("cross-entropy weighted and smoothed", (x, t, w) => x.CrossEntropy(t, LossReduction.Sum, classWeights: w, labelSmoothing: 0.1f)),
        new("cross-entropy of nothing", [new([0, 4]), InputSpec.Ints([0], 4)], (_, x) => x[0].CrossEntropy(x[1])) { CheckGradient = false },
        new("cross-entropy of large logits", [new([33, 65], -300f, 300f), InputSpec.Ints([33], 65)], (_, x) => x[0].CrossEntropy(x[1])) { CheckGradient = false },
        new("linear cross-entropy", [new([2, 3, 4]), new([5, 4])], (s, x) => x[0].LinearCrossEntropy(x[1], s.From<int>([1, Ignore, 0, 4, 4, 2], [2, 3]))),
        new("linear cross-entropy scaled", [new([3, 4]), new([5, 4])], (s, x) => x[0].LinearCrossEntropy(x[1], s.From<int>([1, 0, 4], [3]), ignoreIndex: 0) * 3f),
        new("linear cross-entropy of a tied table", [new([5, 4])], (s, x) =>
            x[0].Embedding(s.From<int>([1, 3, 1], [3])).LinearCrossEntropy(x[0], s.From<int>([3, 1, 4], [3]))),
        new("linear cross-entropy of a strided weight", [new([3, 4]), new([4, 5])], (s, x) => x[0].LinearCrossEntropy(x[1].Transpose(0, 1), s.From<int>([1, 0, 4], [3]))),
        new("linear cross-entropy of the states alone", [new([3, 4]), new([5, 4], Grad: false)], (s, x) => x[0].LinearCrossEntropy(x[1], s.From<int>([1, 0, 4], [3]))),
        new("linear cross-entropy of the weight alone", [new([3, 4], Grad: false), new([5, 4])], (s, x) => x[0].LinearCrossEntropy(x[1], s.From<int>([1, 0, 4], [3]))),
        new("linear cross-entropy (97, 65)", [new([97, 33]), new([65, 33]), InputSpec.Ints([97], 65)], (_, x) => x[0].LinearCrossEntropy(x[1], x[2])) { CheckGradient = false },
        new("linear cross-entropy in chunks", [new([259, 5]), new([9001, 5]), InputSpec.Ints([259], 9001)], (_, x) => x[0].LinearCrossEntropy(x[1], x[2])) { CheckGradient = false },
        new("linear cross-entropy of nothing", [new([0, 4]), new([5, 4]), InputSpec.Ints([0], 5)], (_, x) => x[0].LinearCrossEntropy(x[1], x[2])) { CheckGradient = false },
        new("linear cross-entropy unrecorded", [new([33, 9], Grad: false), new([31, 9], Grad: false), InputSpec.Ints([33], 31)], (_, x) => x[0].LinearCrossEntropy(x[1], x[2])) { CheckGradient = false },
    ];

    private static OpCase Small(string name, Func<Tensor, Tensor, Tensor, Tensor> run) =>
        new(name, [new([5, 4], -2f, 2f), new([4], 0.5f, 2f, Grad: false)], (s, x) => run(x[0], s.From<int>([2, 0, Ignore, 3, 2], [5]), x[1]));

    private static IEnumerable<OpCase> Large(string name, Func<Tensor, Tensor, Tensor, Tensor> run) =>
        from size in new[] { (N: 9, V: 1), (N: 33, V: 31), (N: 31, V: 33), (N: 193, V: 65), (N: 5, V: 1025), (N: 2, V: 50257) }
        select new OpCase(
            $"{name} ({size.N}, {size.V})",
            [new([size.N, size.V], -5f, 5f), InputSpec.Ints([size.N], size.V), new([size.V], 0.5f, 2f, Grad: false)],
            (_, x) => run(x[0], x[1], x[2])) { CheckGradient = false };
}
