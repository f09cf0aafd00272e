using Engine.Testing;

namespace Engine.Tests.Ops;

/// <summary>Attention and positions.</summary>
public sealed class AttentionCases : IOpCases
{
    private static AttentionOptions Causal => new(Causal: true);

    public static IEnumerable<OpCase> Cases =>
    [
        Attention("attention", [2, 2, 3, 4], [2, 2, 5, 4]),
        Attention("attention causal", [1, 2, 5, 3], [1, 2, 5, 3], Causal),
        Attention("attention causal, one query", [1, 2, 1, 3], [1, 2, 4, 3], Causal),
        Attention("attention causal, more queries than keys", [1, 1, 5, 3], [1, 1, 3, 3], Causal),
        Attention("attention window", [1, 2, 6, 3], [1, 2, 6, 3], new(Window: 2)),
        Attention("attention grouped", [2, 4, 3, 3], [2, 2, 3, 3], Causal),
        Attention("attention with a scale", [1, 1, 3, 3], [1, 1, 3, 3], new(Scale: 1.5f)),
        new("attention with a key mask", [new([2, 1, 3, 3]), new([2, 1, 4, 3]), new([2, 1, 4, 3])],
            (s, x) => x[0].ScaledDotProductAttention(x[1], x[2], new(KeyMask: s.From<int>([1, 1, 0, 1, 0, 0, 0, 0], [2, 4])))),
        new("attention with a bias", [new([2, 2, 3, 3]), new([2, 2, 4, 3]), new([2, 2, 4, 3]), new([2, 3, 4])],
            (_, x) => x[0].ScaledDotProductAttention(x[1], x[2], new(Causal: true, Bias: x[3]))),
        .. from options in new[] { default, Causal, new(Window: 2) }
           select Packed($"attention of packed sequences, causal {options.Causal}, window {options.Window}", [3, 1, 2], [3, 1, 2], options),
        Packed("attention of packed sequences on others", [2, 0, 3], [1, 3, 2]),
        .. from options in new[] { default, Causal, new(Window: 40) }
           select Packed(
               $"attention of packed sequences, large, causal {options.Causal}, window {options.Window}",
               [5, 70, 1, 130, 33], [5, 70, 1, 130, 33], options) with { CheckGradient = false },
        Packed("attention of packed sequences on others, large", [60, 3, 90, 10], [20, 100, 2, 80]) with { CheckGradient = false },
        Packed("attention of packed sequences on others, backwards", [60, 3, 90, 10], [20, 100, 2, 80], backwards: true) with { CheckGradient = false },
        Packed("attention of single queries on sequences far apart", [.. Enumerable.Repeat(1, 20)], [.. Enumerable.Repeat(100, 20)]) with { CheckGradient = false },
        new("attention with one bias twice", [new([1, 1, 3, 3]), new([1, 1, 3, 3]), new([1, 1, 3, 3]), new([1, 3, 3])],
            (_, x) => x[0].ScaledDotProductAttention(x[1], x[2].ScaledDotProductAttention(x[1], x[2], new(Bias: x[3])), new(Bias: x[3]))),
        new("attention on itself", [new([1, 2, 4, 3])], (_, x) => x[0].ScaledDotProductAttention(x[0], x[0])),
        new("attention of constant keys", [new([1, 2, 4, 3]), new([1, 2, 4, 3], Grad: false)], (_, x) => x[0].ScaledDotProductAttention(x[1], x[1])),
        new("attention of constant queries", [new([1, 2, 4, 3], Grad: false), new([1, 2, 4, 3])], (_, x) => x[0].ScaledDotProductAttention(x[1], x[1])),
        new("attention of strided heads", [new([2, 4, 2, 3])], (_, x) => OnHeads(x[0], Causal)),
        new("causal self-attention", [new([2, 3, 12])], (_, x) => x[0].CausalSelfAttention(2)),
        new("causal self-attention of a slice", [new([2, 3, 14])], (_, x) => x[0].Slice(2, 1, 13).CausalSelfAttention(2)),
        .. from T in new[] { 0, 1, 31, 33, 64, 70, 130 }
           from D in new[] { 1, 8, 20, 32, 64 }
           select new OpCase($"causal self-attention {T}×{D}", [new([2, T, 3 * 2 * D])], (_, x) => x[0].CausalSelfAttention(2)) { CheckGradient = false },
        .. from D in new[] { 31, 33, 96, 1025 }
           select Attention($"attention of heads of {D}", [1, 2, 9, D], [1, 1, 37, D]) with { CheckGradient = false },
        .. from option in new (string Name, AttentionOptions Value)[] { ("full", default), ("causal", Causal), ("window 5", new(Window: 5)), ("window 80", new(Window: 80)) }
           from sizes in new[] { (Tq: 1, Tk: 150), (Tq: 70, Tk: 150), (Tq: 150, Tk: 70), (Tq: 129, Tk: 129) }
           select Large($"attention {option.Name} {sizes.Tq} on {sizes.Tk}", sizes.Tq, sizes.Tk, option.Value),
        Attention("attention of no batch", [0, 2, 3, 4], [0, 2, 3, 4]) with { CheckGradient = false },
        Attention("attention of no keys", [1, 2, 3, 4], [1, 2, 0, 4]) with { CheckGradient = false },
        new("attention of strided heads, large", [new([2, 70, 3, 16])], (_, x) => OnHeads(x[0], Causal)) { CheckGradient = false },
        new("rotary half", [new([2, 2, 3, 6])], (_, x) => x[0].RotaryEmbedding(offset: 3)),
        new("rotary interleaved", [new([2, 2, 3, 6])], (_, x) => x[0].RotaryEmbedding(RotaryPairing.Interleaved, theta: 100f)),
        new("rotary with positions", [new([2, 2, 4, 6])], (s, x) => x[0].RotaryEmbedding(s.From<int>([7, 0, 1, 7], [4]))),
        new("rotary with factors", [new([2, 2, 4, 6])], (s, x) => x[0].RotaryEmbedding(offset: 9, factors: s.From<float>([1f, 2.5f, 8f], [3]))),
        new("rotary of strided heads", [new([2, 33, 3, 64])], (_, x) => x[0].Transpose(1, 2).RotaryEmbedding()) { CheckGradient = false },
        new("rotary of strided columns", [new([2, 3, 8, 5])], (_, x) => x[0].Transpose(2, 3).RotaryEmbedding()) { CheckGradient = false },
    ];

    private static OpCase Attention(string name, Shape q, Shape k, AttentionOptions options = default) =>
        new(name, [new(q), new(k), new(k)], (_, x) => x[0].ScaledDotProductAttention(x[1], x[2], options));

    // Sequence n of the queries on sequence n of the keys, which stand in the same order or in the opposite one.
    private static OpCase Packed(string name, int[] queries, int[] keys, AttentionOptions options = default, bool backwards = false)
    {
        int Partner(int n) => backwards ? keys.Length - 1 - n : n;
        int[] placed = backwards ? [.. keys.Reverse()] : keys;
        int[] keyRanges = Ranges(queries, placed, Partner);
        int[] queryRanges = Ranges(placed, queries, Partner);
        (int Tq, int Tk) = (queries.Sum(), keys.Sum());
        return new OpCase(name, [new([1, 4, Tq, 5]), new([1, 2, Tk, 5]), new([1, 2, Tk, 5]), new([4, Tq, Tk])], (s, x) => x[0].ScaledDotProductAttention(
            x[1], x[2], options with { Bias = x[3], KeyRanges = s.From<int>(keyRanges, [1, Tq, 2]), QueryRanges = s.From<int>(queryRanges, [1, Tk, 2]) }));
    }

    // For each row of sequences of these lengths the first row, and one past the last, of its sequence's partner among the others.
    private static int[] Ranges(int[] lengths, int[] others, Func<int, int> partner) =>
        [.. lengths.SelectMany((length, n) => Enumerable.Repeat(new[] { others[..partner(n)].Sum(), others[..(partner(n) + 1)].Sum() }, length)).SelectMany(r => r)];

    // Everything at once: grouped heads, a key mask with holes, a bias.
    private static OpCase Large(string name, int Tq, int Tk, AttentionOptions options) =>
        new(
            name,
            [new([2, 4, Tq, 24], -3f, 3f), new([2, 2, Tk, 24], -3f, 3f), new([2, 2, Tk, 24]), new([4, Tq, Tk], -3f, 3f), InputSpec.Ints([2, Tk], 4)],
            (_, x) => x[0].ScaledDotProductAttention(x[1], x[2], options with { Bias = x[3], KeyMask = x[4] }))
        { CheckGradient = false };

    // (B, T, H, D) read as (B, H, T, D).
    private static Tensor OnHeads(Tensor x, AttentionOptions options)
    {
        Tensor heads = x.Transpose(1, 2);
        return heads.ScaledDotProductAttention(heads, heads, options);
    }
}
