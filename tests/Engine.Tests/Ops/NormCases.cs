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
        new("rms norm", [new([3, 5], -2f, 2f), new([5])], (_, x) => x[0].RmsNorm(x[1])),
        new("rms norm without a gain", [new([2, 6], -2f, 2f)], (_, x) => x[0].RmsNorm(eps: 1e-3f)),
        .. from C in new[] { 1, 31, 33, 1025 }
           from N in new[] { 1, 70 }
           select new OpCase($"rms norm {N}×{C}", [new([N, C], -2f, 3f), new([C])], (_, x) => x[0].RmsNorm(x[1])) { CheckGradient = false },
        new("group norm", [new([2, 4, 3], -2f, 2f), new([4]), new([4])], (_, x) => x[0].GroupNorm(2, x[1], x[2])),
        new("group norm of vectors", [new([3, 6], -2f, 2f), new([6])], (_, x) => x[0].GroupNorm(2, x[1])),
        new("group norm of images", [new([3, 66, 5, 7], 9f, 11f), new([66]), new([66])], (_, x) => x[0].GroupNorm(3, x[1], x[2])) { CheckGradient = false },
        new("group norm of nothing", [new([0, 4, 3]), new([4])], (_, x) => x[0].GroupNorm(2, x[1])) { CheckGradient = false },
        new("instance norm", [new([2, 3, 2, 3], -2f, 2f), new([3]), new([3])], (_, x) => x[0].InstanceNorm(x[1], x[2])),
        new("batch norm of vectors", [new([6, 3], -2f, 2f), new([3]), new([3])], (_, x) => x[0].BatchNorm(x[1], x[2], default, default, training: true)),
        new("batch norm of images", [new([2, 3, 2, 2], -2f, 2f)], (_, x) => x[0].BatchNorm(default, default, default, default, training: true)),
        new("batch norm in evaluation", [new([4, 3]), new([3]), new([3]), new([3], Grad: false), new([3], 1f, 2f, Grad: false)], (_, x) => x[0].BatchNorm(x[1], x[2], x[3], x[4], training: false)),
        new("batch norm large", [new([31, 33, 9], 9f, 11f), new([33]), new([33])], (_, x) => x[0].BatchNorm(x[1], x[2], default, default, training: true)) { CheckGradient = false },
        new("batch norm of a strided view", [new([33, 31]), new([33]), new([33])], (_, x) => x[0].Transpose(0, 1).BatchNorm(x[1], x[2], default, default, training: true)) { CheckGradient = false },
        new("dropout", [new([5, 7], 0.5f, 1f)], (_, x) => x[0].Dropout(0.3f)),
        new("dropout twice", [new([5, 7], 0.5f, 1f)], (_, x) => x[0].Dropout(0.3f).Dropout(0.5f)),
        new("dropout large", [new([33, 1025])], (_, x) => x[0].Dropout(0.1f)) { CheckGradient = false },
        new("dropout of nothing", [new([0, 3])], (_, x) => x[0].Dropout(0.1f)) { CheckGradient = false },
    ];
}
