using Engine.Testing;

namespace Engine.Tests.Ops;

/// <summary>Normalisations.</summary>
public sealed class NormCases : IOpCases
{
    // Rows of C = 2 normalise to ±1 and a vanishing gradient; C ≥ 4 with a spread of values keeps the curvature moderate.
    public static IEnumerable<OpCase> Cases =>
    [
        new("layer norm", [new([3, 5], -2f, 2f), new([5]), new([5])], (_, x) => x[0].LayerNorm(x[1], x[2])),
        new("layer norm without parameters", [new([2, 2, 6], -2f, 2f)], (_, x) => x[0].LayerNorm(eps: 1e-3f)),
        new("layer norm with a gain only", [new([7], -2f, 2f), new([7])], (_, x) => x[0].LayerNorm(x[1])),
        new("layer norm with a bias only", [new([4, 4], -2f, 2f), new([4])], (_, x) => x[0].LayerNorm(beta: x[1])),
        new("layer norm of constants", [new([3, 5], Grad: false), new([5]), new([5])], (_, x) => x[0].LayerNorm(x[1], x[2])),
        new("layer norm twice with the same gain", [new([3, 5], -2f, 2f), new([5], 1f, 2f)], (_, x) => x[0].LayerNorm(x[1]).LayerNorm(x[1])),
        .. from C in new[] { 1, 31, 33, 128, 1025 }
           from N in new[] { 1, 33, 70 }
           select new OpCase($"layer norm {N}×{C}", [new([N, C], 90f, 110f), new([C]), new([C])], (_, x) => x[0].LayerNorm(x[1], x[2])) { CheckGradient = false },
        new("layer norm of a strided view", [new([33, 40]), new([33]), new([33])], (_, x) => x[0].Transpose(0, 1).LayerNorm(x[1], x[2])) { CheckGradient = false },
        new("layer norm of no rows", [new([0, 5]), new([5])], (_, x) => x[0].LayerNorm(x[1])) { CheckGradient = false },
    ];
}
