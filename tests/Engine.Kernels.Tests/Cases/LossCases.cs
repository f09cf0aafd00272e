using Engine.KernelLanguage;

namespace Engine.Kernels.Tests.Cases;

internal sealed class LossCases : IKernelCases
{
    private const int N = 7;
    private const int V = 13;
    private const int Ignore = -100;

    // Ignored rows, and targets that are no class.
    private static readonly int[] Targets = [3, Ignore, 12, V, 0, -1, 3];

    public static IEnumerable<KernelCase> Cases =>
    [
        KernelCase.Of("plain", N, m => new CrossEntropyForward(m.In(N * V), m.Given(Targets), default, m.Out(N), m.Out(N), V, 0f, Ignore)),
        KernelCase.Of("with everything", N, m => new CrossEntropyForward(m.In(N * V), m.Given(Targets), m.In(V, 1, 2), m.Out(N), m.Out(N), V, 0.1f, Ignore)),
        KernelCase.Of("loss alone", N, m => new CrossEntropyForward(m.In(N * V), m.Given(Targets), default, default, m.Out(N), V, 0.1f, Ignore)),
        KernelCase.Of("plain", N, m => new CrossEntropyBackward(
            m.In(N * V), m.Given(Targets), default, m.In(N, 2, 3), m.In(N), default, m.Out(N * V), V, 0f, Ignore, true)),
        KernelCase.Of("with everything", N, m => new CrossEntropyBackward(
            m.In(N * V), m.Given(Targets), m.In(V, 1, 2), m.In(N, 2, 3), m.In(1), m.In(1), m.Out(N * V), V, 0.1f, Ignore, false)),
        KernelCase.Of("mean", 1, m => new CrossEntropyTotal(m.In(N), m.Ints(N, 0, V), m.In(V, 1, 2), m.Out(1), m.Out(1), N, V, 4, true)),
        KernelCase.Of("sum", 1, m => new CrossEntropyTotal(m.In(N), m.Given(Targets), default, m.Out(1), m.Out(1), N, V, Ignore, false)),
        KernelCase.Of("mean of none", 1, m => new CrossEntropyTotal(m.Given([0f, 0f]), m.Given([5, 5]), default, m.Out(1), m.Out(1), 2, V, 5, true)),
        KernelCase.Of("in place", N, m => new CrossEntropyGradient(m.In(N * V), m.Given(Targets), m.Out(N), V, Ignore)),
        KernelCase.Of("overwriting", 2, m => new ScaledGradient(m.In(Block.Span + 5), m.In(1), m.In(1), m.Out(Block.Span + 5), Block.Span + 5, false)),
        KernelCase.Of("accumulating", 1, m => new ScaledGradient(m.In(9), m.In(1), m.In(1), m.In(9), 9, true)),
    ];
}
