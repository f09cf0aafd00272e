using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>y = u + v for flat operands, the residual additions of every transformer.</summary>
internal static unsafe class CombineSimd<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    public static void Register(CpuOverrides overrides) => overrides.Add<Combine<Sum>>(&Add);

    private static bool Add(in Combine<Sum> k, CpuWorkers workers)
    {
        if (!k.lu.IsFlat || !k.lv.IsFlat)
        {
            return false;
        }

        fixed (Combine<Sum>* state = &k)
        {
            workers.Run(Block.Cover(k.n), &AddBlock, state);
        }

        return true;
    }

    private static void AddBlock(void* state, long index, int worker)
    {
        ref readonly Combine<Sum> k = ref *(Combine<Sum>*)state;
        long i = index * Block.Span;
        long end = Math.Min(k.n, i + Block.Span);
        for (; i + S.Width <= end; i += S.Width)
        {
            S.Store(k.y.Pointer + i, S.Add(S.Load(k.u.Pointer + i), S.Load(k.v.Pointer + i)));
        }

        for (; i < end; i++)
        {
            k.y[i] = k.u[i] + k.v[i];
        }
    }
}
