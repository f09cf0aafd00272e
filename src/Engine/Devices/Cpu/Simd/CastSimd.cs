using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>Conversions between float32 and the 16-bit types.</summary>
internal static unsafe class CastSimd<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    public static void Register(CpuOverrides overrides)
    {
        overrides.Add<Cast<float, Float32Element, BFloat16, BFloat16Element>>(&Run);
        overrides.Add<Cast<float, Float32Element, Half, Float16Element>>(&Run);
        overrides.Add<Cast<BFloat16, BFloat16Element, float, Float32Element>>(&Run);
        overrides.Add<Cast<Half, Float16Element, float, Float32Element>>(&Run);
    }

    private static bool Run<TIn, TLoad, TOut, TStore>(in Cast<TIn, TLoad, TOut, TStore> k, CpuWorkers workers)
        where TIn : unmanaged
        where TLoad : unmanaged, IElement<TIn>
        where TOut : unmanaged
        where TStore : unmanaged, IElement<TOut>
    {
        fixed (Cast<TIn, TLoad, TOut, TStore>* state = &k)
        {
            workers.Run(Block.Cover(k.n), &RunBlock<TIn, TLoad, TOut, TStore>, state);
        }

        return true;
    }

    private static void RunBlock<TIn, TLoad, TOut, TStore>(void* state, long index, int worker)
        where TIn : unmanaged
        where TLoad : unmanaged, IElement<TIn>
        where TOut : unmanaged
        where TStore : unmanaged, IElement<TOut>
    {
        ref readonly Cast<TIn, TLoad, TOut, TStore> k = ref *(Cast<TIn, TLoad, TOut, TStore>*)state;
        long start = index * Block.Span;
        Stored<S, V>.Convert(k.x.Pointer + start, k.y.Pointer + start, Math.Min(Block.Span, k.n - start));
    }
}
