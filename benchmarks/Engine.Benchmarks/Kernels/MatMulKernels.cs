using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>Products of the size of a GPT-2 layer; <c>Engine.Benchmarks -- gemm</c> has more shapes.</summary>
public class MatMulKernels : FamilyBenchmarks
{
    public override IEnumerable<BenchCase> Cases(Sizes sizes)
    {
        int M = sizes.Of(256, 37);
        int N = sizes.Of(768, 70);
        int K = sizes.Of(768, 33);
        int rows = sizes.Of(8192, 37);
        GemmSize size = new(M, N, K);
        return
        [
            Product("NN", size, false, false),
            Product("NT", size, false, true),
            Product("TN", size, true, false),
            new KernelBench<TensorGemm<Identity, BFloat16, BFloat16Element, BFloat16, BFloat16Element>>(
                $"bfloat16 {M}×{N}×{K}", size.Blocks,
                m => new(m.InBFloat16(M * K), m.InBFloat16(K * N), m.OutBFloat16(M * N), default, default, new(K, 1), new(N, 1), new(N, 1), size, false),
                Loops.Run) { Allowed = 1f / 128 },
            Pipelined(sizes),
            new KernelBench<Int8Linear<Identity>>(
                $"1×{N}×{K}", N, m => new(m.In(K), m.Int8s(N * K), m.In(N, 0f, 0.1f), default, m.Out(N), 1, N, K), Loops.Run),
            new KernelBench<ColumnSum<float, Float32Element>>(
                $"{rows}×{N}", ColumnChunks.Blocks(rows, N, rows), m => new(m.In(rows * N), m.Out(N), rows, N, rows, false), Loops.Run),
        ];
    }

    private static unsafe KernelBench<Gemm<Identity>> Product(string name, GemmSize size, bool transposeA, bool transposeB) => new(
        $"{name} {size.M}×{size.N}×{size.K}",
        size.Blocks,
        m => new(
            m.In(size.M * size.K), m.In(size.K * size.N), m.Out(size.M * size.N), default, default,
            transposeA ? new(1, size.M) : new(size.K, 1), transposeB ? new(1, size.K) : new(size.N, 1), new(size.N, 1), size, false),
        Loops.Run,
        k => GemmPeer.Multiply(transposeA, transposeB, (int)size.M, (int)size.N, (int)size.K, k.A.Pointer, k.B.Pointer, k.C.Pointer)) { RequireRival = OneThreadAtItsBest };

    private static KernelBench<PipelinedGemm<Identity, BFloat16, BFloat16Element, BFloat16, BFloat16Element>> Pipelined(Sizes sizes)
    {
        int M = sizes.Of(256, 40);
        int N = sizes.Of(768, 72);
        int K = sizes.Of(768, 32);
        GemmSize size = new(M, N, K);
        return new KernelBench<PipelinedGemm<Identity, BFloat16, BFloat16Element, BFloat16, BFloat16Element>>(
            $"in the background, bfloat16 {M}×{N}×{K}", size.WideBlocks,
            m => new(
                m.InBFloat16(M * K), m.InBFloat16(K * N), m.OutBFloat16(M * N), default, default, new(K, 1), new(N, 1), new(N, 1), size, false, true, false),
            k => Loops.Run(new TensorGemm<Identity, BFloat16, BFloat16Element, BFloat16, BFloat16Element>(k.A, k.B, k.C, k.bias, k.pre, k.la, k.lb, k.lc, k.size, k.accumulate))) { Allowed = 1f / 128 };
    }

    private static void OneThreadAtItsBest()
    {
        GemmPeer.RequireBestKernels();
        GemmPeer.SetThreads(1);
    }
}
