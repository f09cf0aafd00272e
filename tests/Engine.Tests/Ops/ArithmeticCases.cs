using Engine.Testing;

namespace Engine.Tests.Ops;

/// <summary>Functions of one and two variables, broadcast.</summary>
public sealed class ArithmeticCases : IOpCases
{
    public static IEnumerable<OpCase> Cases =>
    [
        new("tanh", [new([7])], (_, x) => x[0].Tanh()),
        new("add", [new([3, 4]), new([3, 4])], (_, x) => x[0] + x[1]),
        new("add to itself", [new([3])], (_, x) => x[0] + x[0]),
        new("add broadcast", [new([2, 3, 4]), new([3, 1])], (_, x) => x[0] + x[1]),
        new("add scalar tensor", [new([2, 3]), new([])], (_, x) => x[0] + x[1]),
        new("add large", [new([33, 1025]), new([33, 1025])], (_, x) => x[0] + x[1]) { CheckGradient = false },
        new("add empty", [new([0, 3]), new([3])], (_, x) => x[0] + x[1]) { CheckGradient = false },
        new("sub both stretched", [new([3, 1]), new([1, 4])], (_, x) => x[0] - x[1]),
        new("mul of strided", [new([3, 4]), new([4, 3])], (_, x) => x[0] * x[1].Transpose(0, 1)),
        new("div", [new([5]), new([5], 1f, 2f)], (_, x) => x[0] / x[1]),
    ];
}
