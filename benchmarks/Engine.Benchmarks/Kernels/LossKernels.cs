using System.Numerics.Tensors;
using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine.Benchmarks;

public class LossKernels : FamilyBenchmarks
{
    private const int Ignore = -100;

    public override IEnumerable<BenchCase> Cases(Sizes sizes) => [.. Classes(sizes), .. Pairs(sizes), .. Ctc(sizes)];

    private static BenchCase[] Classes(Sizes sizes)
    {
        int N = sizes.Of(256, 7);
        int V = sizes.Of(50257, 77);
        string shape = $"{N}×{V}";
        return
        [
            new KernelBench<CrossEntropyForward<float, Float32Element>>(
                shape, N, m => new(m.In(N * V, -9, 9), m.Ints(N, 0, V), default, m.Out(N), m.Out(N), V, 0f, Ignore), Loops.Run),
            new KernelBench<CrossEntropyBackward<float, Float32Element>>(
                shape, N, m => new(m.In(N * V), m.Ints(N, 0, V), default, m.In(N, 4, 5), m.In(1), m.In(1), m.Out(N * V), V, 0f, Ignore, false), Loops.Run),
            new KernelBench<CrossEntropyGradient<float, Float32Element>>(
                shape, N, m => new(m.In(N * V, -9, 9), m.Ints(N, 0, V), m.Out(N * V), m.Out(N), V, Ignore), Loops.Run),
            new KernelBench<CrossEntropyTotal>($"{N * 64}", 1, m => new(m.In(N * 64, 0), m.Ints(N * 64, 0, V), default, m.Out(1), m.Out(1), N * 64, V, Ignore, true), Loops.Run),
            new KernelBench<SoftCrossEntropyForward>(shape, N, m => new(m.In(N * V, -9, 9), m.In(N * V, 0), m.Out(N), m.Out(N), V), Loops.Run),
            new KernelBench<SoftCrossEntropyBackward>(
                shape, N, m => new(m.In(N * V), m.In(N * V, 0), m.In(N, 10, 11), m.In(N), m.Out(N * V), m.Out(N * V), V, 1f, true), Loops.Run),
        ];
    }

    private static BenchCase[] Pairs(Sizes sizes)
    {
        int n = sizes.Of(1 << 23, (2 * Block.Span) + 37);
        int N = sizes.Of(8192, 7);
        int C = sizes.Of(768, 77);
        long blocks = Block.Cover(n);
        return
        [
            new KernelBench<PairLoss<MseLoss>>($"{n}", blocks, m => new(m.In(n), m.In(n), default, default, m.Out(blocks), 0f, 1, n), Loops.Run),
            new KernelBench<PairLossBackward<MseLoss>>(
                $"{n}", blocks, m => new(m.In(n), m.In(n), default, m.In(1), m.Out(n), m.Out(n), 0f, 1f / n, 1, n, false), Loops.Run),
            new KernelBench<ScaledGradient<float, Float32Element>>(
                $"{n}", blocks, m => new(m.In(n), m.In(1), m.In(1), m.Out(n), n, false), Loops.Run,
                k => TensorPrimitives.Multiply(k.x.Span(), k.dLoss[0] * k.scale[0], k.y.Span())),
            new KernelBench<CosineSimilarityForward>(
                $"{N}×{C}", N, m => new(m.In(N * C), m.In(N * C), m.Out(N), m.Scratch(N), m.Scratch(N), C, 1e-8f), Loops.Run, Cosines),
            new KernelBench<CosineSimilarityBackward>(
                $"{N}×{C}", N, m => new(m.In(N * C), m.In(N * C), m.In(N), m.In(N, 1, 2), m.In(N, 1, 2), m.In(N), m.Out(N * C), C, 1e-8f), Loops.Run),
        ];
    }

    private static void Cosines(CosineSimilarityForward k)
    {
        for (long row = 0; row < k.y.Length; row++)
        {
            k.y[row] = TensorPrimitives.CosineSimilarity<float>(k.u.Row(row, k.C).Span(), k.v.Row(row, k.C).Span());
        }
    }

    private static BenchCase[] Ctc(Sizes sizes)
    {
        CtcShape s = new(sizes.Of(200, 13), sizes.Of(16, 3), 64, sizes.Of(50, 4), 0);
        string shape = $"T {s.T}, B {s.B}, C {s.C}, S {s.S}";
        return
        [
            new KernelBench<CtcForward>(shape, s.B, m => Forward(m, s), Loops.Run),
            new KernelBench<CtcBackward>(shape, s.B, m => Backward(m, s), Loops.Run),
            new KernelBench<CtcCheck>($"B {s.B * 256}, S {s.S}", 1, m => Check(m, s with { B = s.B * 256 }), Loops.Run),
        ];
    }

    private static CtcForward Forward(BenchArguments m, CtcShape s) => new(
        m.In(s.T * s.B * s.C, -6, -3), m.Ints(s.B * s.S, 1, (int)s.C), m.Constant(s.B, (int)s.T), m.Constant(s.B, (int)s.S),
        m.Scratch(s.B * s.T * s.L), m.Out(s.B), s, true, false);

    // Of a forward that has run.
    private static CtcBackward Backward(BenchArguments m, CtcShape s)
    {
        CtcForward f = Forward(m, s);
        Loops.Run(f);
        return new(
            f.logProbs, f.targets, f.inputLengths, f.targetLengths, f.alpha, m.Scratch(s.B * 2 * s.L), m.In(s.B, 1, 2), m.Out(s.T * s.B * s.C), s, true, false, true);
    }

    private static CtcCheck Check(BenchArguments m, CtcShape s) => new(m.Ints(s.B * s.S, 1, (int)s.C), m.Constant(s.B, (int)s.S), m.OutInts(1), s);
}
