using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine.Benchmarks;

public class CopyKernels : FamilyBenchmarks
{
    // Roundings to bfloat16 are the same on both sides.
    public override IEnumerable<BenchCase> Cases(Sizes sizes)
    {
        int n = sizes.Of(1 << 23, (2 * Block.Span) + 37);
        int rows = sizes.Of(2048, 37);
        int columns = sizes.Of(4096, 53);
        long blocks = Block.Cover(n);
        return
        [
            new KernelBench<Cast<float, Float32Element, BFloat16, BFloat16Element>>($"to bfloat16 {n}", blocks, m => new(m.In(n), m.OutBFloat16(n), n), Loops.Run),
            new KernelBench<Cast<BFloat16, BFloat16Element, float, Float32Element>>($"from bfloat16 {n}", blocks, m => new(m.InBFloat16(n), m.Out(n), n), Loops.Run),
            new KernelBench<CopyStrided<int>>(
                $"{n}", blocks, m => new(m.Ints(n, -9, 9), m.OutInts(n), default, default, n), Loops.Run, k => k.x.Span().CopyTo(k.y.Span())),
            new KernelBench<CopyStrided<int>>(
                $"transposed {rows}×{columns}",
                Block.Cover(rows * columns),
                m => new(m.Ints(rows * columns, -9, 9), m.OutInts(rows * columns), new Layout([columns, rows], [1, columns]), default, rows * columns),
                k => Loops.Transpose(k.x, k.y, rows, columns)),
            new KernelBench<Fill<float>>($"{n}", blocks, m => new(m.Out(n), 0.25f, n), Loops.Run, k => k.y.Span().Fill(k.value)),
        ];
    }
}
