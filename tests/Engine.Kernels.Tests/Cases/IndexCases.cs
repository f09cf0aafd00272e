namespace Engine.Kernels.Tests.Cases;

internal sealed class IndexCases : IKernelCases
{
    private const int N = 5;
    private const int Outer = 2;
    private const int Inner = 3;
    private static readonly int[] Indices = [3, 0, 3, 4, 0, 3, -1, N];

    private static int M => Indices.Length;

    public static IEnumerable<KernelCase> Cases =>
    [
        KernelCase.Of("with indices outside", Outer * M, m => new IndexSelectForward(m.In(Outer * N * Inner), m.Given(Indices), m.Out(Outer * M * Inner), N, M, Inner)),
        KernelCase.Of("with repeated indices", 1, m => new IndexSelectBackward(m.In(Outer * M * Inner), m.Given(Indices), m.In(Outer * N * Inner), N, M, Outer, Inner)),
        KernelCase.Of("over two blocks", 2, m => new IndexSelectBackward(m.In(2 * M * 150), m.Given(Indices), m.In(2 * N * 150), N, M, 2, 150)),
        KernelCase.Of("with indices outside", 1, m => new GatherForward(m.In(Outer * N * Inner), m.Ints(Outer * M * Inner, -1, N + 1), m.Out(Outer * M * Inner), N, M, Inner, Outer * M * Inner)),
        KernelCase.Of("with repeated indices", Outer * Inner, m => new GatherBackward(m.In(Outer * M * Inner), m.Ints(Outer * M * Inner, -1, N + 1), m.Out(Outer * N * Inner), N, M, Inner)),
        KernelCase.Of("one of many", 2, m => new GatherBackward(m.In(2), m.Ints(2, 0, 33), m.Out(66), 33, 1, 1)),
    ];
}
