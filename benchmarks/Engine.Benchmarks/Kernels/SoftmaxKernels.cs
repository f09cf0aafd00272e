using System.Numerics.Tensors;
using Engine.Kernels;

namespace Engine.Benchmarks;

public class SoftmaxKernels : FamilyBenchmarks
{
    public override IEnumerable<BenchCase> Cases(Sizes sizes)
    {
        int N = sizes.Of(8192, 7);
        int V = sizes.Of(1024, 77);
        string shape = $"{N}×{V}";
        return
        [
            new KernelBench<SoftmaxForward>(shape, N, m => new(m.In(N * V, -9, 9), m.Out(N * V), V, 1, false), Loops.Run, Rival),
            new KernelBench<SoftmaxForward>($"logarithm {shape}", N, m => new(m.In(N * V, -9, 9), m.Out(N * V), V, 1, true), Loops.Run),
            new KernelBench<SoftmaxBackward>(shape, N, m => new(m.In(N * V, 0), m.In(N * V), m.Out(N * V), V, 1, false), Loops.Run),
        ];
    }

    private static void Rival(SoftmaxForward k)
    {
        for (long row = 0; row < k.x.Length / k.n; row++)
        {
            TensorPrimitives.SoftMax(k.x.Row(row, k.n).Span(), k.y.Row(row, k.n).Span());
        }
    }
}
