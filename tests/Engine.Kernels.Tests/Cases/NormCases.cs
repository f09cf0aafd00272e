namespace Engine.Kernels.Tests.Cases;

internal sealed class NormCases : IKernelCases
{
    private const int N = 35;
    private const int C = 13;

    public static IEnumerable<KernelCase> Cases =>
    [
        KernelCase.Of("with all arguments", N, m => new LayerNormForward(m.In(N * C), m.In(C), m.In(C), m.Out(N * C), m.Out(N), m.Out(N), C, 1e-5f)),
        KernelCase.Of("bare", N, m => new LayerNormForward(m.In(N * C, 100, 101), default, default, m.Out(N * C), default, default, C, 1e-5f)),
        KernelCase.Of("with all arguments", LayerNormBackward.Chunks(N), m => new LayerNormBackward(
            m.In(N * C), m.In(C), m.In(N * C), m.In(N), m.In(N, 1, 2), m.Out(N * C), m.Out(LayerNormBackward.Chunks(N) * C), m.Out(LayerNormBackward.Chunks(N) * C), N, C)),
        KernelCase.Of("bare", LayerNormBackward.Chunks(N), m => new LayerNormBackward(
            m.In(N * C), default, m.In(N * C), m.In(N), m.In(N, 1, 2), m.Out(N * C), default, default, N, C)),
    ];
}
