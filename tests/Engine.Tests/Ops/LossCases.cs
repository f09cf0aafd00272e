using Engine.Testing;

namespace Engine.Tests.Ops;

/// <summary>Losses of pairs, of distributions, of directions and of sequences.</summary>
public sealed class LossCases : IOpCases
{
    public static IEnumerable<OpCase> Cases =>
    [
        .. Pair("mse", (a, b, r) => a.MseLoss(b, r)),
        .. Pair("l1", (a, b, r) => a.L1Loss(b, r)),
        .. Pair("smooth l1", (a, b, r) => a.SmoothL1Loss(b, 0.7f, r)),
        .. Pair("smooth l1 with beta 0", (a, b, r) => a.SmoothL1Loss(b, 0f, r)),
        .. Pair("huber", (a, b, r) => a.HuberLoss(b, 0.7f, r)),
        .. Pair("bce", (a, b, r) => a.BceWithLogits(b, reduction: r)),
        new("bce weighted", [new([3, 4], -2f, 2f), new([3, 4], 0f, 1f), new([4], 0.5f, 3f, Grad: false)], (_, x) => x[0].BceWithLogits(x[1], x[2])),
        new("bce of large logits", [new([33, 31], -200f, 200f), new([33, 31], 0f, 1f), new([31], 0.5f, 3f, Grad: false)], (_, x) => x[0].BceWithLogits(x[1], x[2])) { CheckGradient = false },
        new("mse of scalars", [new([], 1f, 2f), new([], -1f, 0f)], (_, x) => x[0].MseLoss(x[1])),
        new("mse of a constant", [new([3, 4]), new([3, 4], Grad: false)], (_, x) => x[0].MseLoss(x[1])),
        new("mse of strided views", [new([3, 4]), new([4, 3])], (_, x) => x[0].Transpose(0, 1).MseLoss(x[1])),
        new("soft cross-entropy", [new([3, 4], -2f, 2f), new([3, 4], 0f, 1f)], (_, x) => x[0].SoftCrossEntropy(x[1])),
        new("soft cross-entropy sum", [new([2, 3, 4], -2f, 2f), new([2, 3, 4], 0f, 1f, Grad: false)], (_, x) => x[0].SoftCrossEntropy(x[1], LossReduction.Sum)),
        new("soft cross-entropy of each row", [new([3, 4], -2f, 2f, Grad: false), new([3, 4], 0f, 1f)], (_, x) => x[0].SoftCrossEntropy(x[1], LossReduction.None)),
        new("soft cross-entropy in its definition", [new([3, 4], -2f, 2f), new([3, 4], 0f, 1f)], (_, x) => SoftCrossEntropyOp.Slow(x[0], x[1])),
        .. Rows("soft cross-entropy", (a, b) => a.SoftCrossEntropy(b)),
        new("cosine similarity", [new([3, 4], 0.5f, 1f), new([3, 4], -1f, -0.5f)], (_, x) => x[0].CosineSimilarity(x[1])),
        new("cosine similarity below eps", [new([3, 4]), new([3, 4])], (_, x) => x[0].CosineSimilarity(x[1], eps: 10f)),
        new("cosine similarity with itself and others", [new([2, 3, 4], 0.5f, 1f), new([2, 3, 4], 0.5f, 1f)], (_, x) => x[0].CosineSimilarity(x[0] + x[1])),
        .. Rows("cosine similarity", (a, b) => a.CosineSimilarity(b)),
        new("ctc", [new([6, 3, 4])], (s, x) => Ctc(s, x[0].LogSoftmax(-1), [6, 4, 5], [3, 2, 0])),
        new("ctc of log-probabilities that do not sum to 1", [new([6, 3, 4])], (s, x) => Ctc(s, x[0], [6, 4, 5], [3, 2, 0])),
        new("ctc sum with another blank", [new([6, 3, 4])], (s, x) => Ctc(s, x[0], [6, 4, 5], [3, 2, 1], blank: 3, reduction: LossReduction.Sum)),
        new("ctc of each item, one without a path", [new([6, 3, 4])], (s, x) => Ctc(s, x[0], [6, 2, 5], [3, 3, 1], reduction: LossReduction.None, zeroInfinity: true)),
        new("ctc large", [new([67, 5, 33], -3f, 3f), InputSpec.Ints([5, 20], 32)], (s, x) => x[0].LogSoftmax(-1).CtcLoss(
            x[1], s.From<int>([67, 65, 33, 1, 40], [5]), s.From<int>([20, 9, 1, 0, 12], [5]), blank: 32)) { CheckGradient = false },
        new("ctc of nothing", [new([3, 0, 4])], (s, x) => x[0].CtcLoss(s.Empty([0, 2], DType.Int32), s.Empty([0], DType.Int32), s.Empty([0], DType.Int32))) { CheckGradient = false },
    ];

    // Three items of three labels of four classes, the first with a repetition.
    private static Tensor Ctc(
        StepScope s, Tensor x, int[] frames, int[] labels, int blank = 0, LossReduction reduction = LossReduction.Mean, bool zeroInfinity = false)
    {
        int a = (blank + 1) % 4;
        int b = (blank + 2) % 4;
        Tensor targets = s.From<int>([a, a, b, b, a, b, a, -1, 99], [3, 3]);
        return x.CtcLoss(targets, s.From<int>(frames, [3]), s.From<int>(labels, [3]), blank, reduction, zeroInfinity);
    }

    // Predictions and targets that keep away from the kinks at 0, 0.7 and 1.
    private static IEnumerable<OpCase> Pair(string name, Func<Tensor, Tensor, LossReduction, Tensor> run) =>
    [
        new(name, [new([3, 4], 0.4f, 0.6f), new([3, 4], 0.1f, 0.3f)], (_, x) => run(x[0], x[1], LossReduction.Mean)),
        new($"{name} sum", [new([3, 4], 0.1f, 0.3f), new([3, 4], 1.2f, 1.5f)], (_, x) => run(x[0], x[1], LossReduction.Sum)),
        new($"{name} of each", [new([3, 4], 2.1f, 2.3f), new([3, 4], 0.1f, 0.3f)], (_, x) => run(x[0], x[1], LossReduction.None)),
        .. from shape in new Shape[] { [0, 3], [1], [33, 31], [1025, 5] }
           select new OpCase($"{name} {shape}", [new(shape, -2f, 2f), new(shape, 0f, 1f)], (_, x) => run(x[0], x[1], LossReduction.Mean)) { CheckGradient = false },
    ];

    private static IEnumerable<OpCase> Rows(string name, Func<Tensor, Tensor, Tensor> run) =>
        from shape in new Shape[] { [0, 5], [5, 1], [33, 31], [31, 33], [7, 1025] }
        select new OpCase($"{name} {shape}", [new(shape, -2f, 2f), new(shape, 0f, 1f)], (_, x) => run(x[0], x[1])) { CheckGradient = false };
}
