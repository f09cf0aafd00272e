using Engine.Testing;

namespace Engine.Tests.Ops;

/// <summary>Reductions and scans along an axis.</summary>
public sealed class ReductionCases : IOpCases
{
    public static IEnumerable<OpCase> Cases =>
    [
        new("var", [new([3, 4, 2])], (_, x) => x[0].Var(1)),
        new("var unbiased keeping the axis", [new([3, 4])], (_, x) => x[0].Var(-1, keepDim: true, correction: 1)),
        new("var far from zero", [new([31, 1025], 99f, 101f)], (_, x) => x[0].Var(-1)) { CheckGradient = false },
        new("var strided", [new([33, 31])], (_, x) => x[0].Transpose(0, 1).Var(0)) { CheckGradient = false },
        new("max", [new([3, 4])], (s, x) => (x[0] + Ramp(s)).Max(0)),
        new("min", [new([3, 4])], (s, x) => (x[0] + Ramp(s)).Min(0, keepDim: true)),
        new("max large", [new([33, 1025])], (_, x) => x[0].Max(-1)) { CheckGradient = false },
        new("min of strided", [new([33, 31, 2])], (_, x) => x[0].Transpose(0, 1).Min(1)) { CheckGradient = false },
        new("max over empty outer axes", [new([0, 3])], (_, x) => x[0].Max(-1)) { CheckGradient = false },
        new("logsumexp", [new([3, 4, 2])], (_, x) => x[0].LogSumExp(1)),
        new("logsumexp large", [new([33, 1025], 90f, 100f)], (_, x) => x[0].LogSumExp(-1, keepDim: true)) { CheckGradient = false },
        new("logsumexp strided", [new([33, 31])], (_, x) => x[0].Transpose(0, 1).LogSumExp(0)) { CheckGradient = false },
        new("cumsum", [new([3, 4, 2])], (_, x) => x[0].CumSum(1)),
        new("cumsum of one", [new([3, 1])], (_, x) => x[0].CumSum(-1)),
        new("cumsum large", [new([31, 1025])], (_, x) => x[0].CumSum(-1)) { CheckGradient = false },
        new("cumsum strided", [new([31, 33])], (_, x) => x[0].Transpose(0, 1).CumSum(0)) { CheckGradient = false },
        new("cumsum empty", [new([3, 0])], (_, x) => x[0].CumSum(-1)) { CheckGradient = false },
        new("l2normalize", [new([3, 4, 2], 0.5f, 1f)], (_, x) => x[0].L2Normalize(1)),
        new("l2normalize shorter than eps", [new([2, 3])], (_, x) => x[0].L2Normalize(-1, eps: 10f)),
        new("l2normalize large", [new([33, 1025])], (_, x) => x[0].L2Normalize(-1)) { CheckGradient = false },
    ];

    // Keeps the elements of a column further apart than the step of the finite differences.
    private static Tensor Ramp(StepScope s) => s.From<float>([0f, 4f, 8f], [3, 1]);
}
