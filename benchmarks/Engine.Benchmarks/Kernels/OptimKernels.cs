using System.Numerics.Tensors;
using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>
/// Updates in place, with settings at which thousands of steps neither overflow nor decay to numbers too small to be normal.
/// </summary>
public class OptimKernels : FamilyBenchmarks
{
    public override IEnumerable<BenchCase> Cases(Sizes sizes)
    {
        int n = sizes.Of(1 << 23, (2 * Block.Span) + 37);
        return [.. Steps(n), .. Lamb(n), .. Adafactor(sizes.Of(1 << 13, 67), sizes.Of(1 << 10, 37)), .. Clipping(n)];
    }

    private static BenchCase[] Steps(int n)
    {
        long blocks = Block.Cover(n);
        string shape = $"{n}";
        return
        [
            new KernelBench<AdamStep>(
                shape, blocks, m => new(m.InOut(n), m.In(n), m.InOut(n), m.InOut(n, 0, 1), default, default, 1f, 1e-3f, 0.9999f, 0f, 0.1f, 0.001f, 1f, 1e-8f, n), Loops.Run),
            new KernelBench<AdagradStep>(shape, blocks, m => new(m.InOut(n), m.In(n), m.InOut(n, 0, 1), default, 1f, 1e-3f, 0.01f, 1e-8f, n), Loops.Run),
            new KernelBench<LionStep>(shape, blocks, m => new(m.InOut(n), m.In(n), m.InOut(n), default, 1f, 1e-3f, 0.9999f, 0.1f, 0.01f, n), Loops.Run),
            new KernelBench<RmsPropStep>(shape, blocks, m => new(m.InOut(n), m.In(n), m.InOut(n, 0, 1), default, 1f, 1e-3f, 0.01f, 0.01f, 1e-8f, n), Loops.Run),
            new KernelBench<SgdStep>(shape, blocks, m => new(m.InOut(n), m.In(n), m.InOut(n), default, 1f, 1e-3f, 0.9f, 0.01f, 0, n), Loops.Run),
            new KernelBench<MovingAverage>(shape, blocks, m => new(m.InOut(n), m.In(n), 0.01f, n), Loops.Run),
            new KernelBench<Exchange>(shape, blocks, m => new(m.InOut(n), m.InOut(n), n), Loops.Run),
        ];
    }

    private static BenchCase[] Lamb(int n)
    {
        long blocks = Block.Cover(n);
        string shape = $"{n}";
        return
        [
            new KernelBench<LambMoments>(
                shape, blocks,
                m => new(m.In(n), m.In(n), m.InOut(n), m.InOut(n, 0, 1), m.Out(blocks), m.Out(blocks), default, 1f, 0.01f, 0.1f, 0.001f, 1f, 1f, 1e-8f, n), Loops.Run),
            new KernelBench<LambTrust>($"{blocks}", 1, m => new(m.In(blocks, 0, 1), m.In(blocks, 0, 1), m.Out(1), blocks), Loops.Run),
            new KernelBench<LambApply>(
                shape, blocks, m => new(m.InOut(n), m.In(n), m.In(n, 0, 1), m.In(1, 0, 1), 1e-6f, 0.01f, 1f, 1f, 1e-3f, n), Loops.Run),
        ];
    }

    private static BenchCase[] Adafactor(int N, int M)
    {
        const long chunk = 64;
        long n = (long)N * M;
        long blocks = Block.Cover(n);
        long chunks = ColumnChunks.Of(N, chunk);
        string shape = $"{N}x{M}";
        return
        [
            new KernelBench<AdafactorRows>(shape, N, m => new(m.In(n), m.InOut(N, 0, 1), default, 1f, 1e-3f, 0.1f, M), Loops.Run),
            new KernelBench<AdafactorColumns>(shape, ColumnChunks.Blocks(N, M, chunk), m => new(m.In(n), m.Out(chunks * M), default, 1f, N, M, chunk), Loops.Run),
            new KernelBench<AdafactorColumnMoments>(
                shape, Block.Cover(M), m => new(m.In(chunks * M, 0, 1), m.InOut(M, 0, 1), 1e-3f, 0.1f, chunks, N, M), Loops.Run),
            new KernelBench<AdafactorNorms>(
                shape, blocks, m => new(m.In(n), m.In(n), m.In(N, 0.1f, 1), m.In(M, 0.1f, 1), m.Out(blocks), m.Out(blocks), default, 1f, n, M), Loops.Run),
            new KernelBench<AdafactorScale>(
                $"{blocks}", 1, m => new(m.In(blocks, 0, 1), m.In(blocks, 0, 1), m.In(N, 0.1f, 1), m.Out(1), 1e-3f, 1f, blocks, n, N), Loops.Run),
            new KernelBench<AdafactorApply>(
                shape, blocks, m => new(m.InOut(n), m.In(n), m.In(N, 0.1f, 1), m.In(M, 0.1f, 1), m.In(1, 0, 1), default, 1f, 1e-6f, 1f, n, M), Loops.Run),
        ];
    }

    private static BenchCase[] Clipping(int n)
    {
        long blocks = Block.Cover(n);
        string shape = $"{n}";
        return
        [
            new KernelBench<SumOfSquares>(shape, blocks, m => new(m.In(n), m.Out(blocks), 0, n), Loops.Run, Squares),
            new KernelBench<ClipScale>($"{blocks}", 1, m => new(m.In(blocks, 0, 1), m.Out(1), m.Out(1), 1f, 1f, blocks), Loops.Run),
            new KernelBench<Rescale>(
                shape, blocks, m => new(m.InOut(n), m.In(1, -1f, -1f), n), Loops.Run, k => TensorPrimitives.Multiply(k.x.Span(), k.factor[0], k.x.Span())),
            new KernelBench<Limit>(
                shape, blocks, m => new(m.InOut(n), 0.5f, n), Loops.Run, k => TensorPrimitives.Clamp(k.x.Span(), -k.limit, k.limit, k.x.Span())),
        ];
    }

    private static void Squares(SumOfSquares k)
    {
        for (long start = 0; start < k.n; start += Block.Span)
        {
            k.partial[start / Block.Span] = TensorPrimitives.SumOfSquares<float>(k.x.From(start).Span()[..(int)Math.Min(Block.Span, k.n - start)]);
        }
    }
}
