using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>Table lookups, gathering and selecting, and the check of indices.</summary>
public class IndexKernels : FamilyBenchmarks
{
    public override IEnumerable<BenchCase> Cases(Sizes sizes)
    {
        int V = sizes.Of(50257, 41);
        int C = sizes.Of(768, 33);
        int N = sizes.Of(1024, 29);
        int outer = sizes.Of(64, 3);
        int inner = sizes.Of(256, 7);
        int n = sizes.Of(512, 19);
        int many = sizes.Of(1 << 22, 5003);
        long columns = (outer * inner + IndexSelectBackward.Columns - 1) / IndexSelectBackward.Columns;
        return
        [
            new KernelBench<EmbeddingForward<float, Float32Element>>(
                $"{N} of {V}×{C}", N, m => new(m.In(V * C), m.Ints(N, 0, V), m.Out(N * C), V, C), Loops.Run),
            new KernelBench<EmbeddingBackward<float, Float32Element>>(
                $"{N} of {V}×{C}", N, m => new(m.Ints(N, 0, V), m.In(N * C), m.InOut(V * C), N, V, C, -1), Loops.Run),
            new KernelBench<Int8Rows>(
                $"{N} of {V}×{C}", N, m => new(m.Int8s(V * C), m.In(V, 0f, 0.1f), m.Ints(N, 0, V), m.Out(N * C), V, C), Loops.Run),
            new KernelBench<IndexCheck>($"{many}", 1, m => new(m.Ints(many, 0, V), m.OutInts(1), many, V, -1), Loops.Run),
            new KernelBench<GatherForward>(
                $"{outer}×{n}×{inner}", KernelLanguage.Block.Cover(outer * n * inner),
                m => new(m.In(outer * n * inner), m.Ints(outer * n * inner, 0, n), m.Out(outer * n * inner), n, n, inner, outer * n * inner), Loops.Run),
            new KernelBench<GatherBackward>(
                $"{outer}×{n}×{inner}", outer * inner,
                m => new(m.In(outer * n * inner), m.Ints(outer * n * inner, 0, n), m.Out(outer * n * inner), n, n, inner), Loops.Run),
            new KernelBench<IndexSelectForward>(
                $"{outer}×{n}×{inner}", outer * n, m => new(m.In(outer * n * inner), m.Ints(n, 0, n), m.Out(outer * n * inner), n, n, inner), Loops.Run),
            new KernelBench<IndexSelectBackward>(
                $"{outer}×{n}×{inner}", columns, m => new(m.In(outer * n * inner), m.Ints(n, 0, n), m.InOut(outer * n * inner), n, n, outer, inner), Loops.Run),
        ];
    }
}
