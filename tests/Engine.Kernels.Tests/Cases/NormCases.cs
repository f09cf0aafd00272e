namespace Engine.Kernels.Tests.Cases;

internal sealed class NormCases : IKernelCases
{
    // Rows of C, two chunks of them.
    private const int N = 35;
    private const int C = 13;
    private const int Chunks = 2;

    // Examples, groups of D channels, places: S = 1 and S = 5 lie below four lanes, across seven.
    private const int B = 3;
    private const int G = 2;
    private const int D = 3;

    public static IEnumerable<KernelCase> Cases => [.. Rows, .. Groups(1), .. Groups(5), .. Batches(1), .. Batches(5)];

    private static IEnumerable<KernelCase> Rows =>
    [
        KernelCase.Of("layer, all arguments", N, m => new RowNormForward<float, Float32Element>(m.In(N * C), m.In(C), m.In(C), m.Out(N * C), m.Out(N), m.Out(N), C, 1e-5f, true)),
        KernelCase.Of("layer, bare", N, m => new RowNormForward<float, Float32Element>(m.In(N * C, 100, 101), default, default, m.Out(N * C), default, default, C, 1e-5f, true)),
        KernelCase.Of("rms", N, m => new RowNormForward<float, Float32Element>(m.In(N * C), m.In(C), default, m.Out(N * C), m.Out(N), m.Out(N), C, 1e-5f, false)),
        RowBackward("layer", centred: true),
        RowBackward("rms", centred: false),
        KernelCase.Of("bare", Chunks, m => new RowNormBackward<float, Float32Element>(
            m.In(N * C), default, m.In(N * C), m.In(N), m.In(N, 1, 2), m.Out(N * C), default, default, N, C, true)),
    ];

    private static KernelCase RowBackward(string name, bool centred) => KernelCase.Of(name, Chunks, m => new RowNormBackward<float, Float32Element>(
        m.In(N * C), m.In(C), m.In(N * C), m.In(N), m.In(N, 1, 2), m.Out(N * C), m.Out(Chunks * C), m.Out(Chunks * C), N, C, centred));

    private static IEnumerable<KernelCase> Groups(int S) =>
    [
        KernelCase.Of($"of {S} places", B * G, m => new GroupNormForward(
            m.In(B * G * D * S), m.In(G * D), m.In(G * D), m.Out(B * G * D * S), m.Out(B * G), m.Out(B * G), G, D, S, 1e-5f)),
        KernelCase.Of($"of {S} places", B * G, m => new GroupNormBackward(
            m.In(B * G * D * S), m.In(G * D), m.In(B * G * D * S), m.In(B * G), m.In(B * G, 1, 2), m.Out(B * G * D * S), G, D, S)),
        KernelCase.Of($"of {S} places", G * D, m => new GroupNormParameters(
            m.In(B * G * D * S), m.In(B * G * D * S), m.In(B * G), m.In(B * G, 1, 2), m.Out(G * D), m.In(G * D), B, G * D, D, S, false, true)),
    ];

    private static IEnumerable<KernelCase> Batches(int S) =>
    [
        KernelCase.Of($"training, {S} places", C, m => new BatchNormForward(
            m.In(B * C * S), m.In(C), m.In(C), m.In(C), m.In(C, 1, 2), m.Out(B * C * S), m.Out(C), m.Out(C), B, C, S, 0.1f, 1e-5f, true, true)),
        KernelCase.Of($"evaluating, {S} places", C, m => new BatchNormForward(
            m.In(B * C * S), default, default, m.In(C), m.In(C, 1, 2), m.Out(B * C * S), default, default, B, C, S, 0.1f, 1e-5f, false, false)),
        KernelCase.Of($"training, {S} places", C, m => new BatchNormBackward(
            m.In(B * C * S), m.In(C), m.In(B * C * S), m.In(C), m.In(C, 1, 2), m.Out(B * C * S), m.Out(C), m.In(C), B, C, S, true, false, true)),
        KernelCase.Of($"evaluating, {S} places", C, m => new BatchNormBackward(
            m.In(B * C * S), default, m.In(B * C * S), m.In(C), m.In(C, 1, 2), m.Out(B * C * S), default, default, B, C, S, false, false, false)),
    ];
}
