using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine.Benchmarks;

public class LossOps : FamilyBenchmarks
{
    public override IEnumerable<BenchCase> Cases(Sizes sizes)
    {
        int N = sizes.Of(128, 7);
        int V = sizes.Of(50257, 77);
        int n = sizes.Of(1 << 22, (2 * Block.Span) + 37);
        int R = sizes.Of(4096, 7);
        int C = sizes.Of(768, 77);
        int T = sizes.Of(200, 13);
        int B = sizes.Of(16, 3);
        int S = sizes.Of(50, 4);
        OpInput logits = new([N, V], -9, 9);
        return
        [
            new OpBench($"CrossEntropy {N}×{V}", [logits, OpInput.Ints([N], V)], t => t[0].CrossEntropy(t[1]), m => CrossEntropy(m, N, V)),
            new OpBench($"SoftCrossEntropy {N}×{V}", [logits, new([N, V], 0)], t => t[0].SoftCrossEntropy(t[1]), m => SoftCrossEntropy(m, N, V)),
            new OpBench($"MseLoss {n}", [new([n]), new([n])], t => t[0].MseLoss(t[1]), m => Mse(m, n)),
            new OpBench($"CosineSimilarity {R}×{C}", [new([R, C]), new([R, C])], t => t[0].CosineSimilarity(t[1]), m => Cosine(m, R, C)),
            new OpBench(
                $"CtcLoss T {T}, B {B}, C 64, S {S}", [new([T, B, 64], -6, -3), OpInput.Ints([B, S], 64, 1), OpInput.Ints([B], T + 1, T), OpInput.Ints([B], S + 1, S)],
                t => t[0].CtcLoss(t[1], t[2], t[3]), m => Ctc(m, new(T, B, 64, S, 0))),
        ];
    }

    private static Action CrossEntropy(OpArguments m, int N, int V)
    {
        CrossEntropyForward<float, Float32Element> forward = new(m.X(0), m.Indices(1), default, m.Scratch(N), m.Scratch(N), V, 0f, -100);
        CrossEntropyTotal total = new(forward.loss, m.Indices(1), default, m.Y, m.Scratch(1), N, V, -100, true);
        CrossEntropyBackward<float, Float32Element> backward = new(
            m.X(0), m.Indices(1), default, forward.lse, m.DY, total.scale, m.DX[0], V, 0f, -100, false);
        return () =>
        {
            Loops.Run(forward);
            Loops.Run(total);
            Loops.Run(backward);
        };
    }

    private static Action SoftCrossEntropy(OpArguments m, int N, int V)
    {
        SoftCrossEntropyForward forward = new(m.X(0), m.X(1), m.Scratch(N), m.Scratch(N), V);
        SumAxis<float, Float32Element> mean = new(forward.loss, m.Y, N, 1, 1f / N);
        SoftCrossEntropyBackward backward = new(m.X(0), m.X(1), forward.lse, m.DY, m.DX[0], m.DX[1], V, 1f / N, false);
        return () =>
        {
            Loops.Run(forward);
            Loops.Run(mean);
            Loops.Run(backward);
        };
    }

    private static Action Mse(OpArguments m, int n)
    {
        PairLoss<MseLoss> forward = new(m.X(0), m.X(1), default, default, m.Scratch(Block.Cover(n)), 0f, 1, n);
        SumAxis<float, Float32Element> mean = new(forward.partial, m.Y, Block.Cover(n), 1, 1f / n);
        PairLossBackward<MseLoss> backward = new(m.X(0), m.X(1), default, m.DY, m.DX[0], m.DX[1], 0f, 1f / n, 1, n, false);
        return () =>
        {
            Loops.Run(forward);
            Loops.Run(mean);
            Loops.Run(backward);
        };
    }

    private static Action Cosine(OpArguments m, int N, int C)
    {
        CosineSimilarityForward forward = new(m.X(0), m.X(1), m.Y, m.Scratch(N), m.Scratch(N), C, 1e-8f);
        CosineSimilarityBackward u = new(m.X(0), m.X(1), m.Y, forward.normU, forward.normV, m.DY, m.DX[0], C, 1e-8f);
        CosineSimilarityBackward v = new(m.X(1), m.X(0), m.Y, forward.normV, forward.normU, m.DY, m.DX[1], C, 1e-8f);
        return () =>
        {
            Loops.Run(forward);
            Loops.Run(u);
            Loops.Run(v);
        };
    }

    private static Action Ctc(OpArguments m, CtcShape s)
    {
        CtcForward forward = new(m.X(0), m.Indices(1), m.Indices(2), m.Indices(3), m.Scratch(s.B * s.T * s.L), m.Scratch(s.B), s, true, false);
        SumAxis<float, Float32Element> total = new(forward.loss, m.Y, s.B, 1, 1f);
        CtcBackward backward = new(
            m.X(0), m.Indices(1), m.Indices(2), m.Indices(3), forward.alpha, default, m.DY, m.DX[0], s, true, false, false);
        return () =>
        {
            Loops.Run(forward);
            Loops.Run(total);
            Loops.Run(backward);
        };
    }
}
