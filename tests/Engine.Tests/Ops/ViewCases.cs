using Engine.Testing;

namespace Engine.Tests.Ops;

/// <summary>Views, casts and checkpointing.</summary>
public sealed class ViewCases : IOpCases
{
    public static IEnumerable<OpCase> Cases =>
    [
        new("reshape", [new([2, 6])], (_, x) => x[0].Reshape(3, -1)),
        new("reshape of a strided view", [new([2, 6])], (_, x) => x[0].Transpose(0, 1).Reshape(4, 3)),
        new("unsqueeze and squeeze", [new([2, 3])], (_, x) => x[0].Unsqueeze(1).Squeeze(1).Unsqueeze(-1)),
        new("permute", [new([2, 3, 4])], (_, x) => x[0].Permute(2, 0, 1)),
        new("permute large", [new([33, 31, 5])], (_, x) => x[0].Permute(1, 2, 0)) { CheckGradient = false },
        new("slice", [new([4, 5])], (_, x) => x[0].Slice(1, 1, 4)),
        new("two slices of one tensor", [new([4, 5])], (_, x) => x[0].Slice(0, 0, 3) * x[0].Slice(0, 1, 4)),
        new("empty slice", [new([4, 5])], (_, x) => x[0].Slice(1, 2, 2)) { CheckGradient = false },
        new("expand", [new([3, 1])], (_, x) => x[0].Expand([2, 3, 4])),
        new("contiguous", [new([3, 4])], (_, x) => x[0].Transpose(0, 1).Contiguous()),
        new("use", [new([3])], (s, x) => s.Use(x[0])),
        new("sum of an axis", [new([3, 4, 5])], (_, x) => x[0].Sum(1)),
        new("sum of everything", [new([1025, 3])], (_, x) => x[0].Sum()) { CheckGradient = false },
        new("sum of a middle axis", [new([3, 33, 261])], (_, x) => x[0].Sum(1)) { CheckGradient = false },
        new("sum of the first axis", [new([70, 1025])], (_, x) => x[0].Sum(0)) { CheckGradient = false },
        new("sum of short rows", [new([1025, 33])], (_, x) => x[0].Sum(1)) { CheckGradient = false },
        new("sum of long rows", [new([3, 70001])], (_, x) => x[0].Sum(1)) { CheckGradient = false },
        new("sum of nothing", [new([3, 0])], (_, x) => x[0].Sum(1)) { CheckGradient = false },
        new("sum of no rows", [new([0, 3])], (_, x) => x[0].Sum(1)) { CheckGradient = false },
        new("permute of heads", [new([3, 33, 4, 16])], (_, x) => x[0].Permute(0, 2, 1, 3).Contiguous()) { CheckGradient = false },
        new("transpose of a matrix", [new([70, 1025])], (_, x) => x[0].Transpose(0, 1).Contiguous()) { CheckGradient = false },
        new("contiguous columns", [new([33, 1025])], (_, x) => x[0].Slice(1, 3, 900).Contiguous()) { CheckGradient = false },
        new("contiguous stretched rows", [new([33, 1])], (_, x) => x[0].Expand([5, 33, 31]).Contiguous()) { CheckGradient = false },
        new("contiguous bf16", [new([6, 7, 9])], (_, x) => x[0].To(DType.BFloat16).Transpose(0, 1).Contiguous().To(DType.Float32)) { CheckGradient = false },
        new("mean keeping the axis", [new([3, 4])], (_, x) => x[0].Mean(-1, keepDim: true)),
        new("checkpoint", [new([3, 4])], (s, x) => s.Checkpoint(x[0] * 2f, new Squash())),
        new("cast there and back", [new([5], 0.25f, 0.5f)], (_, x) => x[0].To(DType.BFloat16).To(DType.Float32))
        {
            // The value is rounded to bf16 (relative 2⁻⁹), its gradient is not: the difference quotient is that of a staircase.
            Slack = 50,
        },
    ];

    private sealed class Squash : IForward
    {
        public Tensor Forward(Tensor x) => (x.Tanh() * x).Sigmoid();
    }
}
