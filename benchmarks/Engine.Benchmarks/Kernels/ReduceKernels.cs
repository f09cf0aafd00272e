using System.Numerics.Tensors;
using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine.Benchmarks;

public class ReduceKernels : FamilyBenchmarks
{
    public override IEnumerable<BenchCase> Cases(Sizes sizes)
    {
        int N = sizes.Of(8192, 7);
        int V = sizes.Of(1024, 77);
        int chunks = sizes.Of(64, 3);
        int wide = sizes.Of(1 << 17, Block.Span + 5);
        string shape = $"{N}×{V}";
        return
        [
            new KernelBench<SumAxis<float, Float32Element>>(shape, N, m => new(m.In(N * V, 0), m.Out(N), V, 1, 1f), Loops.Run, Sums),
            new KernelBench<SumChunks>($"{chunks}×{wide}", Block.Cover(wide), m => new(m.In((long)chunks * wide), m.Out(wide), chunks, wide, false), Loops.Run),
            new KernelBench<CumSum>(shape, N, m => new(m.In(N * V), m.Out(N * V), V, 1, 1), Loops.Run),
            new KernelBench<MaxAxis>(shape, N, m => new(m.In(N * V), m.Out(N), m.OutInts(N), V, 1, 1f), Loops.Run, Maxima),
            new KernelBench<MaxAxisBackward>(shape, N, m => new(m.In(N), m.Ints(N, 0, V), m.Out(N * V), V, 1), Loops.Run),
            new KernelBench<VarAxis>(shape, N, m => new(m.In(N * V), m.Out(N), m.Out(N), V, 1, 1f / V), Loops.Run),
            new KernelBench<VarAxisBackward>(shape, N, m => new(m.In(N * V), m.In(N), m.In(N), m.Out(N * V), V, 1, 1f / V), Loops.Run),
            new KernelBench<LogSumExpForward>(shape, N, m => new(m.In(N * V, -9, 9), m.Out(N), V, 1), Loops.Run),
            new KernelBench<LogSumExpBackward>(shape, N, m => new(m.In(N * V), m.In(N, 2, 3), m.In(N), m.Out(N * V), V, 1), Loops.Run),
            new KernelBench<L2NormalizeForward>(shape, N, m => new(m.In(N * V), m.Out(N * V), m.Out(N), V, 1, 1e-12f), Loops.Run, Normalize),
            new KernelBench<L2NormalizeBackward>(shape, N, m => new(m.In(N * V), m.In(N, 1, 2), m.In(N * V), m.Out(N * V), V, 1, 1e-12f), Loops.Run),
        ];
    }

    private static void Sums(SumAxis<float, Float32Element> k)
    {
        for (long row = 0; row < k.y.Length; row++)
        {
            k.y[row] = TensorPrimitives.Sum<float>(k.x.Row(row, k.n).Span());
        }
    }

    private static void Maxima(MaxAxis k)
    {
        for (long row = 0; row < k.y.Length; row++)
        {
            k.index[row] = TensorPrimitives.IndexOfMax<float>(k.x.Row(row, k.n).Span());
            k.y[row] = k.x[(row * k.n) + k.index[row]];
        }
    }

    private static void Normalize(L2NormalizeForward k)
    {
        for (long row = 0; row < k.norm.Length; row++)
        {
            k.norm[row] = TensorPrimitives.Norm<float>(k.x.Row(row, k.n).Span());
            TensorPrimitives.Divide(k.x.Row(row, k.n).Span(), k.norm[row], k.y.Row(row, k.n).Span());
        }
    }
}
