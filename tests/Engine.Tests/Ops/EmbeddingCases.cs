using Engine.Testing;

namespace Engine.Tests.Ops;

/// <summary>Table lookups.</summary>
public sealed class EmbeddingCases : IOpCases
{
    public static IEnumerable<OpCase> Cases =>
    [
        new("embedding", [new([3, 4]), InputSpec.Ints([2, 5], 3)], (_, x) => x[0].Embedding(x[1])),
        new("embedding of a scalar", [new([3, 4]), InputSpec.Ints([], 3)], (_, x) => x[0].Embedding(x[1])),
        new("embedding used twice", [new([3, 4]), InputSpec.Ints([5], 3)], (_, x) => x[0].Embedding(x[1]) * x[0].Embedding(x[1])),
        new("embedding with unused rows", [new([50, 3]), InputSpec.Ints([4], 50)], (_, x) => x[0].Embedding(x[1])),
        .. from C in new[] { 1, 31, 33, 1025 }
           from N in new[] { 1, 70 }
           select new OpCase($"embedding {N} of 40×{C}", [new([40, C]), InputSpec.Ints([N], 40)], (_, x) => x[0].Embedding(x[1])) { CheckGradient = false },
        new("embedding with padding", [new([5, 33]), InputSpec.Ints([70], 5)], (_, x) => x[0].Embedding(x[1], paddingIndex: 2)) { CheckGradient = false },
        new("embedding of strided indices", [new([40, 16]), InputSpec.Ints([6, 7], 40)], (_, x) => x[0].Embedding(x[1].Transpose(0, 1))) { CheckGradient = false },
        new("embedding of a strided table", [new([16, 40]), InputSpec.Ints([7], 40)], (_, x) => x[0].Transpose(0, 1).Embedding(x[1])) { CheckGradient = false },
        new("embedding of no indices", [new([5, 3]), InputSpec.Ints([0, 2], 5)], (_, x) => x[0].Embedding(x[1])) { CheckGradient = false },
    ];
}
