using System.Runtime.CompilerServices;
using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>The elementwise kernels around a step: a loss's stored gradient times its factor, clipping, moving averages of weights.</summary>
internal static unsafe class RescaleSimd<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    public static void Register(CpuOverrides overrides)
    {
        overrides.Add<ScaledGradient<float, Float32Element>>(&Gradient);
        overrides.Add<ScaledGradient<BFloat16, BFloat16Element>>(&Gradient);
        overrides.Add<ScaledGradient<Half, Float16Element>>(&Gradient);
        overrides.Add<Rescale>(&Clip);
        overrides.Add<MovingAverage>(&Average);
    }

    private static bool Gradient<T, E>(in ScaledGradient<T, E> k, CpuWorkers workers)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        float s = k.dLoss.Pointer[0] * k.scale.Pointer[0];
        return k.accumulate
            ? Elementwise<S, V>.Run<T, T, T, AddScaled>(k.y.Pointer, k.x.Pointer, k.y.Pointer, s, k.n, workers)
            : Elementwise<S, V>.Run<T, T, T, Scaled>(k.x.Pointer, null, k.y.Pointer, s, k.n, workers);
    }

    private static bool Clip(in Rescale k, CpuWorkers workers) =>
        Elementwise<S, V>.Run<float, float, float, Scaled>(k.x.Pointer, null, k.x.Pointer, k.factor.Pointer[0], k.n, workers);

    private static bool Average(in MovingAverage k, CpuWorkers workers) =>
        Elementwise<S, V>.Run<float, float, float, Towards>(k.e.Pointer, k.x.Pointer, k.e.Pointer, k.oneMinusDecay, k.n, workers);

    // a·u.
    private readonly struct Scaled : IVectorFunction2<V>
    {
        public static bool ReadsV => false;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Value(V u, V v, V a) => S.Mul(a, u);
    }

    // u + a·v.
    private readonly struct AddScaled : IVectorFunction2<V>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Value(V u, V v, V a) => S.Fma(a, v, u);
    }

    // u + a·(v − u).
    private readonly struct Towards : IVectorFunction2<V>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Value(V u, V v, V a) => S.Fma(a, S.Sub(v, u), u);
    }
}
