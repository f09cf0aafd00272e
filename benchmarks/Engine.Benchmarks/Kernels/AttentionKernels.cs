using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>Causal attention with the heads of GPT-2, and positions.</summary>
public class AttentionKernels : FamilyBenchmarks
{
    public override IEnumerable<BenchCase> Cases(Sizes sizes)
    {
        int H = sizes.Of(12, 2);
        int T = sizes.Of(256, 37);
        int D = sizes.Of(64, 20);
        int long_ = sizes.Of(4096, 37);
        AttentionShape s = new(1, H, H, T, T, D, 0.125f, true, 0);
        HeadLayout heads = new(H * T * D, T * D, D);
        string shape = $"H {H}, T {T}, D {D}";
        return
        [
            new KernelBench<AttentionForward<float, Float32Element>>(shape, H * T, m => Forward(m, s, heads), Loops.Run),
            new KernelBench<AttentionBackward<float, Float32Element>>(
                shape, Attention.BackwardBlocks(s), m => Backward(m, s, heads), Loops.Run),
            new KernelBench<AttentionBiasBackward<float, Float32Element>>(shape, H * T, m => Bias(m, s, heads), Loops.Run),
            new KernelBench<AttentionMask>($"{T}×{T}", T, m => new(m.Ints(T, 0, 2), default, m.Out(T * T), s, -1e9f), Loops.Run),
            new KernelBench<SinusoidalTable>($"{long_}×{D}", long_, m => new(m.Out(long_ * D), D, 10_000f), Loops.Run),
            new KernelBench<AlibiSlopes>("16", 1, m => new(m.Out(16), 16, 16), Loops.Run),
            new KernelBench<Rotary<float, Float32Element>>(
                shape, T, m => new(m.In(H * T * D), m.Out(H * T * D), default, default, heads, heads, 1, H, D, 10_000f, 0, false, 1f), Loops.Run),
        ];
    }

    private static AttentionForward<float, Float32Element> Forward(BenchArguments m, AttentionShape s, HeadLayout heads)
    {
        long n = (long)s.Hq * s.Tq * s.D;
        return new(m.In(n), m.In(n), m.In(n), m.Out(n), m.Out(s.Hq * s.Tq), default, default, default, heads, heads, heads, heads, s);
    }

    // Of a forward that has run, so that probabilities are probabilities.
    private static AttentionBackward<float, Float32Element> Backward(BenchArguments m, AttentionShape s, HeadLayout heads)
    {
        AttentionForward<float, Float32Element> f = Forward(m, s, heads);
        Loops.Run(f);
        long n = f.q.Length;
        return new(f.q, f.k, f.v, f.o, f.lse, default, default, default, default, m.In(n), m.Out(n), m.Out(n), m.Out(n), heads, heads, heads, heads, heads, heads, heads, s);
    }

    private static AttentionBiasBackward<float, Float32Element> Bias(BenchArguments m, AttentionShape s, HeadLayout heads)
    {
        AttentionBackward<float, Float32Element> k = Backward(m, s, heads);
        long n = (long)s.Hq * s.Tq * s.Tk;
        Loops.Run(k);
        return new(k.q, k.k, k.v, k.o, k.lse, default, m.In(n), default, k.dO, m.Out(n), heads, heads, heads, heads, s, false);
    }
}
