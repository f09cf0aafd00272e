namespace Engine.Kernels.Tests.Cases;

internal sealed class EmbeddingCases : IKernelCases
{
    private const int V = 5;
    private const int C = 9;
    private static readonly int[] Indices = [3, 0, 3, 4, 0, 3, -1, V];

    public static IEnumerable<KernelCase> Cases =>
    [
        KernelCase.Of("with indices outside", Indices.Length, m => new EmbeddingForward<float, Float32Element>(m.In(V * C), m.Given(Indices), m.Out(Indices.Length * C), V, C)),
        KernelCase.Of("with repeated indices", Indices.Length, m => new EmbeddingBackward<float, Float32Element>(m.Given(Indices), m.In(Indices.Length * C), m.In(V * C), Indices.Length, V, C, 4)),
        KernelCase.Of("with indices outside", Indices.Length, m => new Int8Rows(m.Int8s(V * C), m.In(V), m.Given(Indices), m.Out(Indices.Length * C), V, C)),
        KernelCase.Of("of all rows", V, m => new Int8Rows(m.Int8s(V * C), m.In(V), default, m.Out(V * C), V, C)),
        KernelCase.Of("one outside", 1, m => new IndexCheck(m.Given(Indices), m.OutInts(1), Indices.Length, V, -1)),
        KernelCase.Of("all inside", 1, m => new IndexCheck(m.Given(Indices), m.OutInts(1), Indices.Length, V + 1, -1)),
    ];
}
