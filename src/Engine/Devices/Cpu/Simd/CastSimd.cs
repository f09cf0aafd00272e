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
        where TStore : unmanaged, IElement<TOut> =>
        Elementwise<S, V>.Run<TIn, TIn, TOut, Same<V>>(k.x.Pointer, null, k.y.Pointer, 0f, k.n, workers);
}
