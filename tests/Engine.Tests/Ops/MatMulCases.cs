using Engine.Testing;

namespace Engine.Tests.Ops;

/// <summary>Matrix products, stacked, broadcast and transposed, and linear layers.</summary>
public sealed class MatMulCases : IOpCases
{
    public static IEnumerable<OpCase> Cases =>
    [
        new("matmul", [new([3, 4]), new([4, 5])], (_, x) => x[0].MatMul(x[1])),
        new("matmul of itself", [new([3, 3])], (_, x) => x[0].MatMul(x[0])),
        new("matmul transposed left", [new([4, 3]), new([4, 5])], (_, x) => x[0].Transpose(0, 1).MatMul(x[1])),
        new("matmul transposed right", [new([3, 4]), new([5, 4])], (_, x) => x[0].MatMul(x[1].Transpose(0, 1))),
        new("matmul transposed both", [new([4, 3]), new([5, 4])], (_, x) => x[0].Transpose(0, 1).MatMul(x[1].Transpose(0, 1))),
        new("matmul stack", [new([3, 2, 4]), new([3, 4, 2])], (_, x) => x[0].MatMul(x[1])),
        new("matmul stack by one", [new([3, 2, 4]), new([4, 2])], (_, x) => x[0].MatMul(x[1])),
        new("matmul one by stack", [new([2, 4]), new([3, 4, 2])], (_, x) => x[0].MatMul(x[1])),
        new("matmul stretched both ways", [new([2, 1, 2, 3]), new([1, 3, 3, 2])], (_, x) => x[0].MatMul(x[1])),
        new("matmul more axes than strides", [new([2, 1, 2, 1, 2, 2]), new([2, 1, 3, 2, 2])], (_, x) => x[0].MatMul(x[1])),
        new("matmul of heads", [new([2, 3, 2, 4]), new([2, 3, 2, 4])], (_, x) => x[0].Transpose(1, 2).MatMul(x[1].Permute(0, 2, 3, 1))),
        new("matmul of slices", [new([3, 7]), new([6, 5])], (_, x) => x[0].Slice(1, 2, 6).MatMul(x[1].Slice(0, 1, 5))),
        new("matmul of expanded rows", [new([1, 4]), new([4, 5])], (_, x) => x[0].Expand([3, 4]).MatMul(x[1])),
        new("matmul bf16", [new([3, 4], 0.25f, 0.5f), new([4, 5], 0.25f, 0.5f)], (_, x) => x[0].To(DType.BFloat16).MatMul(x[1].To(DType.BFloat16)).To(DType.Float32))
        {
            // Operands and result are rounded to bf16 (relative 2⁻⁹), gradients are not: a staircase again.
            Slack = 50,
        },
        new("matmul empty rows", [new([0, 4]), new([4, 5])], (_, x) => x[0].MatMul(x[1])) { CheckGradient = false },
        new("matmul empty sum", [new([3, 0]), new([0, 5])], (_, x) => x[0].MatMul(x[1])) { CheckGradient = false },
        new("matmul empty stack", [new([0, 3, 4]), new([4, 5])], (_, x) => x[0].MatMul(x[1])) { CheckGradient = false },
        new("matmul row by column", [new([1, 257]), new([257, 1])], (_, x) => x[0].MatMul(x[1])) { CheckGradient = false },
        new("matmul column by row", [new([1025, 1]), new([1, 33])], (_, x) => x[0].MatMul(x[1])) { CheckGradient = false },
        new("matmul 31 33 65", [new([31, 65]), new([65, 33])], (_, x) => x[0].MatMul(x[1])) { CheckGradient = false },
        new("matmul 129 67 301", [new([129, 301], -0.5f, 0.5f), new([301, 67], -0.5f, 0.5f)], (_, x) => x[0].MatMul(x[1])) { CheckGradient = false },
        new("matmul wide", [new([5, 33]), new([33, 1025])], (_, x) => x[0].MatMul(x[1])) { CheckGradient = false },
        new("matmul transposed both large", [new([65, 131]), new([49, 65])], (_, x) => x[0].Transpose(0, 1).MatMul(x[1].Transpose(0, 1))) { CheckGradient = false },
        new("matmul strided both ways", [new([31, 2, 33, 2]), new([33, 35])], (_, x) => x[0].Slice(3, 0, 1).Squeeze(3).Slice(1, 0, 1).Squeeze(1).MatMul(x[1])) { CheckGradient = false },
        new("matmul heads large", [new([2, 33, 3, 16]), new([2, 33, 3, 16])], (_, x) => x[0].Transpose(1, 2).MatMul(x[1].Permute(0, 2, 3, 1))) { CheckGradient = false },
        new("linear", [new([2, 3, 4]), new([5, 4]), new([5])], (_, x) => x[0].Linear(x[1], x[2])),
        new("linear without bias", [new([3, 4]), new([5, 4])], (_, x) => x[0].Linear(x[1])),
        new("linear of a vector", [new([4]), new([5, 4]), new([5])], (_, x) => x[0].Linear(x[1], x[2])),
        new("linear of a strided view", [new([4, 3]), new([4, 5])], (_, x) => x[0].Transpose(0, 1).Linear(x[1].Transpose(0, 1))),
        new("linear used twice", [new([3, 4]), new([4, 4]), new([4])], (_, x) => x[0].Linear(x[1], x[2]).Linear(x[1], x[2])),
        new("linear gelu", [new([3, 4]), new([5, 4]), new([5])], (_, x) => x[0].Linear(x[1], x[2], Activation.Gelu)),
        new("linear gelu tanh", [new([3, 4]), new([5, 4]), new([5])], (_, x) => x[0].Linear(x[1], x[2], Activation.GeluTanh)),
        new("linear gelu without bias", [new([3, 4]), new([5, 4])], (_, x) => x[0].Linear(x[1], activation: Activation.Gelu)),
        new("conv1d", [new([2, 3, 4]), new([4, 5]), new([5])], (_, x) => x[0].Conv1D(x[1], x[2])),
        new("conv1d gelu tanh", [new([3, 4]), new([4, 5]), new([5])], (_, x) => x[0].Conv1D(x[1], x[2], Activation.GeluTanh)),
        new("linear empty", [new([0, 4]), new([5, 4]), new([5])], (_, x) => x[0].Linear(x[1], x[2])) { CheckGradient = false },
        new("linear large", [new([3, 111, 65]), new([33, 65]), new([33])], (_, x) => x[0].Linear(x[1], x[2])) { CheckGradient = false },
        new("linear gelu large", [new([129, 33]), new([131, 33]), new([131])], (_, x) => x[0].Linear(x[1], x[2], Activation.Gelu)) { CheckGradient = false },
        new("conv1d gelu tanh large", [new([65, 31]), new([31, 1025]), new([1025])], (_, x) => x[0].Conv1D(x[1], x[2], Activation.GeluTanh)) { CheckGradient = false },
    ];
}
