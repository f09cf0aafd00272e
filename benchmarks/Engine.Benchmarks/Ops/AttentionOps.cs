using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>Causal attention with the heads of GPT-2, and rotary positions.</summary>
public class AttentionOps : FamilyBenchmarks
{
    public override IEnumerable<BenchCase> Cases(Sizes sizes)
    {
        int H = sizes.Of(12, 2);
        int T = sizes.Of(256, 37);
        int D = sizes.Of(64, 20);
        OpInput heads = new([1, H, T, D]);
        string shape = $"H {H}, T {T}, D {D}";
        return
        [
            new OpBench(
                $"ScaledDotProductAttention {shape}", [heads, heads, heads],
                t => t[0].ScaledDotProductAttention(t[1], t[2], new AttentionOptions(Causal: true)), m => Separate(m, H, T, D)),
            new OpBench($"CausalSelfAttention {shape}", [new([1, T, 3 * H * D])], t => t[0].CausalSelfAttention(H), m => Together(m, H, T, D)),
            new OpBench($"RotaryEmbedding {shape}", [heads], t => t[0].RotaryEmbedding(), m => Turned(m, H, T, D)),
        ];
    }

    private static Action Separate(OpArguments m, int H, int T, int D)
    {
        HeadLayout heads = new(H * T * D, T * D, D);
        return Run(m, H, T, D, [m.X(0), m.X(1), m.X(2)], [m.DX[0], m.DX[1], m.DX[2]], heads, heads);
    }

    // Queries, keys and values side by side in each row.
    private static Action Together(OpArguments m, int H, int T, int D)
    {
        int C = H * D;
        View<float> x = m.X(0);
        View<float> dX = m.DX[0];
        return Run(m, H, T, D, [x, x.From(C), x.From(2 * C)], [dX, dX.From(C), dX.From(2 * C)], new(T * 3 * C, D, 3 * C), new(T * C, D, C));
    }

    private static Action Run(OpArguments m, int H, int T, int D, View<float>[] x, View<float>[] dX, HeadLayout l, HeadLayout lo)
    {
        AttentionShape shape = new(1, H, H, T, T, D, 1f / MathF.Sqrt(D), true, 0);
        AttentionForward<float, Float32Element> forward = new(x[0], x[1], x[2], m.Y, m.Scratch(H * T), default, default, default, l, l, l, lo, shape);
        AttentionBackward<float, Float32Element> backward = new(
            x[0], x[1], x[2], m.Y, forward.lse, default, default, default, default, m.DY, dX[0], dX[1], dX[2], l, l, l, lo, l, l, l, shape);
        return () =>
        {
            Loops.Run(forward);
            Loops.Run(backward);
        };
    }

    private static Action Turned(OpArguments m, int H, int T, int D)
    {
        HeadLayout heads = new(H * T * D, T * D, D);
        Rotary<float, Float32Element> forward = new(m.X(0), m.Y, default, default, heads, heads, 1, H, D, 10_000f, 0, false, 1f);
        Rotary<float, Float32Element> backward = new(m.DY, m.DX[0], default, default, heads, heads, 1, H, D, 10_000f, 0, false, -1f);
        return () =>
        {
            Loops.Run(forward);
            Loops.Run(backward);
        };
    }
}
