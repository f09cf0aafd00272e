using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>Σ x² by blocks, on four vectors at a time: additions are in a fixed order within each block.</summary>
internal static unsafe class SumOfSquaresSimd<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    public static void Register(CpuOverrides overrides) => overrides.Add<SumOfSquares>(&Run);

    private static bool Run(in SumOfSquares k, CpuWorkers workers)
    {
        long perTask = Elementwise<S, V>.PerTask(k.n);
        fixed (SumOfSquares* state = &k)
        {
            workers.Run((k.n + perTask - 1) / perTask, &RunBlocks, state);
        }

        return true;
    }

    private static void RunBlocks(void* state, long index, int worker)
    {
        ref readonly SumOfSquares k = ref *(SumOfSquares*)state;
        long blocks = Elementwise<S, V>.PerTask(k.n) / Block.Span;
        long end = Math.Min(Block.Cover(k.n), (index + 1) * blocks);
        for (long block = index * blocks; block < end; block++)
        {
            RunBlock(k, block);
        }
    }

    private static void RunBlock(in SumOfSquares k, long index)
    {
        long start = index * Block.Span;
        int count = (int)Math.Min(k.n - start, Block.Span);
        float* x = k.x.Pointer + start;
        V a = S.Zero;
        V b = S.Zero;
        V c = S.Zero;
        V d = S.Zero;
        int i = 0;
        for (; i + (4 * S.Width) <= count; i += 4 * S.Width)
        {
            V x0 = S.Load(x + i);
            V x1 = S.Load(x + i + S.Width);
            V x2 = S.Load(x + i + (2 * S.Width));
            V x3 = S.Load(x + i + (3 * S.Width));
            a = S.Fma(x0, x0, a);
            b = S.Fma(x1, x1, b);
            c = S.Fma(x2, x2, c);
            d = S.Fma(x3, x3, d);
        }

        for (; i < count; i += S.Width)
        {
            V rest = S.Load(x + i, Math.Min(S.Width, count - i));
            a = S.Fma(rest, rest, a);
        }

        k.partial[k.at + index] = S.Sum(S.Add(S.Add(a, b), S.Add(c, d)));
    }
}
