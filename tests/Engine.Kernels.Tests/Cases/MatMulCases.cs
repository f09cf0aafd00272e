using Engine.KernelLanguage;

namespace Engine.Kernels.Tests.Cases;

internal sealed class MatMulCases : IKernelCases
{
    // Two tiles across, one down.
    private const int M = 5;
    private const int N = GemmSize.Tile + 3;
    private const int K = 7;

    // More than one slice of either kernel, and no multiple of it.
    private const int Deep = 37;

    // One tile and a bit, one slice and a bit, in units that can be copied in the background.
    private const int WideM = 8;
    private const int WideN = 136;
    private const int WideK = 40;
    private static readonly GemmSize Wide = new(WideM, WideN, WideK);

    private const int Rows = 11;
    private const int Columns = ColumnChunks.Width + 5;
    private const int Chunk = 4;
    private const int Chunks = 3;

    private static readonly MatrixLayout RowMajorA = new(K, 1);
    private static readonly MatrixLayout RowMajorB = new(N, 1);
    private static readonly MatrixLayout RowMajorC = new(N, 1);
    private static readonly GemmSize One = new(M, N, K);

    public static IEnumerable<KernelCase> Cases =>
    [
        KernelCase.Of("plain", One.Blocks, m => new Gemm<Identity>(
            m.In(M * K), m.In(K * N), m.Out(M * N), default, default, RowMajorA, RowMajorB, RowMajorC, One, false)),
        KernelCase.Of("with bias, activation and its argument", One.Blocks, m => new Gemm<GeluTanh>(
            m.In(M * K), m.In(K * N), m.Out(M * N), m.In(N), m.Out(M * N), RowMajorA, RowMajorB, RowMajorC, One, false)),
        KernelCase.Of("accumulating, both transposed", One.Blocks, m => new Gemm<Identity>(
            m.In(M * K), m.In(K * N), m.In(M * N), default, default, new(1, M), new(1, K), RowMajorC, One, true)),
        KernelCase.Of("of a batch with a broadcast operand", new GemmSize(M, N, K, 2, 3).Blocks, m => new Gemm<Identity>(
            m.In(6 * M * K), m.In(3 * K * N), m.Out(6 * M * N), default, default,
            new(K, 1, 3 * M * K, M * K), new(N, 1, 0, K * N), new(N, 1, 3 * M * N, M * N), new GemmSize(M, N, K, 2, 3), false)),
        KernelCase.Of("over nothing", new GemmSize(M, N, 0).Blocks, m => new Gemm<Identity>(
            m.In(0), m.In(0), m.Out(M * N), default, default, new(0, 1), RowMajorB, RowMajorC, new GemmSize(M, N, 0), false)),
        KernelCase.Of("of bfloat16", new GemmSize(M, N, Deep).Blocks, m => new TensorGemm<GeluTanh, BFloat16, BFloat16Element, float, Float32Element>(
            m.InBFloat16(M * Deep), m.InBFloat16(Deep * N), m.Out(M * N), m.In(N), m.Out(M * N), new(Deep, 1), RowMajorB, RowMajorC, new(M, N, Deep), false)),
        KernelCase.Of("of float16, accumulating, both transposed", new GemmSize(M, N, Deep).Blocks, m => new TensorGemm<Identity, Half, Float16Element, float, Float32Element>(
            m.InHalf(M * Deep), m.InHalf(Deep * N), m.In(M * N), default, default, new(1, M), new(1, Deep), RowMajorC, new(M, N, Deep), true)),
        KernelCase.Of("in the background of bfloat16", Wide.WideBlocks, m => new PipelinedGemm<GeluTanh, BFloat16, BFloat16Element, float, Float32Element>(
            m.InBFloat16(WideM * WideK), m.InBFloat16(WideK * WideN), m.Out(WideM * WideN), m.In(WideN), m.Out(WideM * WideN),
            new(WideK, 1), new(WideN, 1), new(WideN, 1), Wide, false, true, false)),
        KernelCase.Of("in the background of float16, accumulating, both transposed", Wide.WideBlocks, m => new PipelinedGemm<Identity, Half, Float16Element, float, Float32Element>(
            m.InHalf(WideM * WideK), m.InHalf(WideK * WideN), m.In(WideM * WideN), default, default,
            new(1, WideM), new(1, WideK), new(WideN, 1), Wide, true, false, true)),
        KernelCase.Of("of one row", N, m => new Int8Linear<Identity>(m.In(Deep), m.Int8s(N * Deep), m.In(N, 0f, 0.01f), default, m.Out(N), 1, N, Deep)),
        KernelCase.Of("with bias and activation", M * N, m => new Int8Linear<GeluTanh>(m.In(M * Deep), m.Int8s(N * Deep), m.In(N, 0f, 0.01f), m.In(N), m.Out(M * N), M, N, Deep)),
        KernelCase.Of("in chunks", ColumnChunks.Blocks(Rows, Columns, Chunk), m => new ColumnSum<float, Float32Element>(m.In(Rows * Columns), m.Out(Chunks * Columns), Rows, Columns, Chunk, false)),
        KernelCase.Of("accumulating", ColumnChunks.Blocks(Rows, Columns, Rows), m => new ColumnSum<float, Float32Element>(m.In(Rows * Columns), m.In(Columns), Rows, Columns, Rows, true)),
        KernelCase.Of("of nothing", ColumnChunks.Blocks(0, Columns, Chunk), m => new ColumnSum<float, Float32Element>(m.In(0), m.Out(Columns), 0, Columns, Chunk, false)),
    ];
}
