using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>Chains of multiply-adds, twelve vectors at a time: enough to keep two units busy through a latency of four.</summary>
internal static unsafe class MultiplyAddsSimd<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    private const int Chains = 12;

    public static void Register(CpuOverrides overrides) => overrides.Add<MultiplyAdds>(&Run);

    private static bool Run(in MultiplyAdds k, CpuWorkers workers)
    {
        fixed (MultiplyAdds* state = &k)
        {
            workers.Run(Block.Cover(k.n), &RunBlock, state);
        }

        return true;
    }

    private static void RunBlock(void* state, long index, int worker)
    {
        ref readonly MultiplyAdds k = ref *(MultiplyAdds*)state;
        long start = index * Block.Span;
        int count = (int)Math.Min(k.n - start, Block.Span);
        float* x = k.x.Pointer + start;
        float* y = k.y.Pointer + start;
        int i = 0;
        for (; i + (Chains * S.Width) <= count; i += Chains * S.Width)
        {
            Group(x + i, y + i, S.Create(k.a), S.Create(k.c), k.rounds);
        }

        for (; i < count; i += S.Width)
        {
            int width = Math.Min(S.Width, count - i);
            V v = S.Load(x + i, width);
            for (int round = 0; round < k.rounds; round++)
            {
                v = S.Fma(S.Create(k.a), v, S.Create(k.c));
            }

            S.Store(y + i, v, width);
        }
    }

    private static void Group(float* x, float* y, V a, V c, int rounds)
    {
        int w = S.Width;
        V v0 = S.Load(x), v1 = S.Load(x + w), v2 = S.Load(x + (2 * w)), v3 = S.Load(x + (3 * w));
        V v4 = S.Load(x + (4 * w)), v5 = S.Load(x + (5 * w)), v6 = S.Load(x + (6 * w)), v7 = S.Load(x + (7 * w));
        V v8 = S.Load(x + (8 * w)), v9 = S.Load(x + (9 * w)), v10 = S.Load(x + (10 * w)), v11 = S.Load(x + (11 * w));
        for (int round = 0; round < rounds; round++)
        {
            v0 = S.Fma(a, v0, c);
            v1 = S.Fma(a, v1, c);
            v2 = S.Fma(a, v2, c);
            v3 = S.Fma(a, v3, c);
            v4 = S.Fma(a, v4, c);
            v5 = S.Fma(a, v5, c);
            v6 = S.Fma(a, v6, c);
            v7 = S.Fma(a, v7, c);
            v8 = S.Fma(a, v8, c);
            v9 = S.Fma(a, v9, c);
            v10 = S.Fma(a, v10, c);
            v11 = S.Fma(a, v11, c);
        }

        S.Store(y, v0);
        S.Store(y + w, v1);
        S.Store(y + (2 * w), v2);
        S.Store(y + (3 * w), v3);
        S.Store(y + (4 * w), v4);
        S.Store(y + (5 * w), v5);
        S.Store(y + (6 * w), v6);
        S.Store(y + (7 * w), v7);
        S.Store(y + (8 * w), v8);
        S.Store(y + (9 * w), v9);
        S.Store(y + (10 * w), v10);
        S.Store(y + (11 * w), v11);
    }
}
