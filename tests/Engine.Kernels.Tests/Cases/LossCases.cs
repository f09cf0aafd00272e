using Engine.KernelLanguage;

namespace Engine.Kernels.Tests.Cases;

internal sealed class LossCases : IKernelCases
{
    private const int N = 7;
    private const int V = 13;
    private const int Ignore = -100;

    // Ignored rows, and targets that are no class.
    private static readonly int[] Targets = [3, Ignore, 12, V, 0, -1, 3];

    // Three items of four labels: repeated ones, and padding behind the lengths.
    private static readonly int[] Labels = [3, 3, 1, 5, 4, 1, 4, -100, 2, 99, 0, -1];

    public static IEnumerable<KernelCase> Cases =>
    [
        KernelCase.Of("plain", N, m => new CrossEntropyForward<float, Float32Element>(m.In(N * V), m.Given(Targets), default, m.Out(N), m.Out(N), V, 0f, Ignore)),
        KernelCase.Of("with everything", N, m => new CrossEntropyForward<float, Float32Element>(m.In(N * V), m.Given(Targets), m.In(V, 1, 2), m.Out(N), m.Out(N), V, 0.1f, Ignore)),
        KernelCase.Of("loss alone", N, m => new CrossEntropyForward<float, Float32Element>(m.In(N * V), m.Given(Targets), default, default, m.Out(N), V, 0.1f, Ignore)),
        KernelCase.Of("with +∞", 1, m => new CrossEntropyForward<float, Float32Element>(
            m.Given([1f, float.PositiveInfinity, 100f, float.NegativeInfinity]), m.Given([0]), default, m.Out(1), m.Out(1), 4, 0f, Ignore)),
        KernelCase.Of("plain", N, m => new CrossEntropyBackward<float, Float32Element>(
            m.In(N * V), m.Given(Targets), default, m.In(N, 2, 3), m.In(N), default, m.Out(N * V), V, 0f, Ignore, true)),
        KernelCase.Of("with everything", N, m => new CrossEntropyBackward<float, Float32Element>(
            m.In(N * V), m.Given(Targets), m.In(V, 1, 2), m.In(N, 2, 3), m.In(1), m.In(1), m.Out(N * V), V, 0.1f, Ignore, false)),
        KernelCase.Of("mean", 1, m => new CrossEntropyTotal(m.In(N), m.Ints(N, 0, V), m.In(V, 1, 2), m.Out(1), m.Out(1), N, V, 4, true)),
        KernelCase.Of("sum", 1, m => new CrossEntropyTotal(m.In(N), m.Given(Targets), default, m.Out(1), m.Out(1), N, V, Ignore, false)),
        KernelCase.Of("mean of none", 1, m => new CrossEntropyTotal(m.Given([0f, 0f]), m.Given([5, 5]), default, m.Out(1), m.Out(1), 2, V, 5, true)),
        KernelCase.Of("in place", N, m =>
        {
            View<float> x = m.In(N * V);
            return new CrossEntropyGradient<float, Float32Element>(x, m.Given(Targets), x, m.Out(N), V, Ignore);
        }),
        KernelCase.Of("into bf16", N, m => new CrossEntropyGradient<BFloat16, BFloat16Element>(m.In(N * V), m.Given(Targets), m.OutBFloat16(N * V), m.Out(N), V, Ignore)),
        KernelCase.Of("overwriting", 2, m => new ScaledGradient<float, Float32Element>(m.In(Block.Span + 5), m.In(1), m.In(1), m.Out(Block.Span + 5), Block.Span + 5, false)),
        KernelCase.Of("accumulating", 1, m => new ScaledGradient<float, Float32Element>(m.In(9), m.In(1), m.In(1), m.In(9), 9, true)),
        .. Pairs<MseLoss>(),
        .. Pairs<L1Loss>(),
        .. Pairs<SmoothL1Loss>(),
        .. Pairs<HuberLoss>(),
        .. Pairs<BceWithLogits>(),
        KernelCase.Of("with its logarithm", N, m => new SoftCrossEntropyForward(m.In(N * V), m.In(N * V, 0), m.Out(N), m.Out(N), V)),
        KernelCase.Of("alone", N, m => new SoftCrossEntropyForward(m.In(N * V), m.In(N * V, 0), default, m.Out(N), V)),
        KernelCase.Of("both", N, m => new SoftCrossEntropyBackward(
            m.In(N * V), m.In(N * V, 0), m.In(N, 2, 3), m.In(N), m.Out(N * V), m.Out(N * V), V, 1f, true)),
        KernelCase.Of("of the distribution", N, m => new SoftCrossEntropyBackward(
            m.In(N * V), m.In(N * V, 0), m.In(N, 2, 3), m.In(1), default, m.Out(N * V), V, 0.2f, false)),
        KernelCase.Of("of rows", N, m => new CosineSimilarityForward(m.In(N * V), m.In(N * V), m.Out(N), m.Out(N), m.Out(N), V, 1e-8f)),
        KernelCase.Of("below eps", N, m => new CosineSimilarityForward(m.In(N * V), m.In(N * V), m.Out(N), default, default, V, 100f)),
        KernelCase.Of("of rows", N, m => new CosineSimilarityBackward(
            m.In(N * V), m.In(N * V), m.In(N), m.In(N, 1, 2), m.In(N, 1, 2), m.In(N), m.Out(N * V), V, 1.5f)),
        Forward("mean", new(11, 3, 6, 4, 0), [11, 7, 9], [4, 3, 1], mean: true),
        Forward("without labels, frames or a path", new(5, 3, 6, 4, 2), [5, 0, 2], [0, 4, 4], mean: false),
        Backward("mean", new(11, 3, 6, 4, 0), [11, 7, 9], [4, 3, 1], mean: true),
        Backward("without labels, frames or a path", new(5, 3, 6, 4, 0), [5, 0, 2], [0, 4, 4], mean: false),
        KernelCase.Of("all right", 1, m => new CtcCheck(m.Given([1, 2, 9, 3, 9, 9]), m.Given([2, 1]), m.OutInts(1), new(5, 2, 6, 3, 0))),
        KernelCase.Of("one wrong", 1, m => new CtcCheck(m.Given([1, 2, 9, 3, 0, 6]), m.Given([2, 3]), m.OutInts(1), new(5, 2, 6, 3, 0))),
    ];

    // One frame of an item may be anything in α and β beyond its states, so those start as zeros and not as garbage.
    private static KernelCase Forward(string name, CtcShape s, int[] frames, int[] labels, bool mean) => KernelCase.Of(name, s.B, m => new CtcForward(
        m.In(s.T * s.B * s.C, -2, 0), m.Given(Labels), m.Given(frames), m.Given(labels), m.Given(new float[s.B * s.T * s.L]), m.Out(s.B), s, mean, false));

    private static KernelCase Backward(string name, CtcShape s, int[] frames, int[] labels, bool mean) => KernelCase.Of(name, s.B, m => new CtcBackward(
        m.In(s.T * s.B * s.C, -2, 0), m.Given(Labels), m.Given(frames), m.Given(labels), m.In(s.B * s.T * s.L, -9, -1), m.Given(new float[s.B * 2 * s.L]),
        m.In(s.B), m.Out(s.T * s.B * s.C), s, mean, true, !mean));

    private static IEnumerable<KernelCase> Pairs<F>()
        where F : unmanaged, IPairLoss
    {
        const int n = Block.Span + 5;
        string name = typeof(F).Name;
        return
        [
            KernelCase.Of($"{name} summed", 2, m => new PairLoss<F>(m.In(n), m.In(n, 0), default, default, m.Out(2), 0.5f, 1, n)),
            KernelCase.Of($"{name} of each", 1, m => new PairLoss<F>(m.In(21), m.In(21, 0), m.In(7, 0), m.Out(21), default, 0.5f, 7, 21)),
            KernelCase.Of($"{name} both", 1, m => new PairLossBackward<F>(
                m.In(21), m.In(21, 0), m.In(7, 0), m.In(21), m.Out(21), m.Out(21), 0.5f, 0.3f, 7, 21, true)),
            KernelCase.Of($"{name} of one", 1, m => new PairLossBackward<F>(
                m.In(21), m.In(21, 0), default, m.In(1), default, m.Out(21), 0.5f, 0.3f, 7, 21, false)),
        ];
    }
}
