using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>
/// Functions of two variables, flat or broadcast, and of flat ones the gradients for a product and y += x: the residual additions,
/// gates and gradient sums of every transformer.
/// </summary>
internal static unsafe class CombineSimd<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    public static void Register(CpuOverrides overrides)
    {
        Register<float, Float32Element>(overrides);
        Register<BFloat16, BFloat16Element>(overrides);
        Register<Half, Float16Element>(overrides);
        RegisterSum<BFloat16, BFloat16Element, float, Float32Element>(overrides);
        RegisterSum<Half, Float16Element, float, Float32Element>(overrides);
    }

    private static void Register<T, E>(CpuOverrides overrides)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        overrides.Add<Combine<Sum, T, E>>(&Forward<Sum, T, E, VectorFunctions<S, V>.Sum>);
        overrides.Add<Combine<Difference, T, E>>(&Forward<Difference, T, E, VectorFunctions<S, V>.Difference>);
        overrides.Add<Combine<Product, T, E>>(&Forward<Product, T, E, VectorFunctions<S, V>.Product>);
        overrides.Add<Combine<Quotient, T, E>>(&Forward<Quotient, T, E, VectorFunctions<S, V>.Quotient>);
        overrides.Add<CombineBackward<Product, T, E>>(&ProductBackward);
        RegisterSum<T, E, T, E>(overrides);
    }

    private static void RegisterSum<TIn, TLoad, T, E>(CpuOverrides overrides)
        where TIn : unmanaged
        where TLoad : unmanaged, IElement<TIn>
        where T : unmanaged
        where E : unmanaged, IElement<T> =>
        overrides.Add<Accumulate<TIn, TLoad, T, E>>(&AddTo);

    private static bool Forward<F, T, E, G>(in Combine<F, T, E> k, CpuWorkers workers)
        where F : unmanaged, IFunction2
        where T : unmanaged
        where E : unmanaged, IElement<T>
        where G : struct, IVectorFunction2<V> =>
        k.lu.IsFlat && k.lv.IsFlat
            ? Elementwise<S, V>.Run<T, T, T, G>(k.u.Pointer, k.v.Pointer, k.y.Pointer, 0f, k.n, workers)
            : Broadcast<S, V>.Run<T, G>(k.u.Pointer, k.lu, k.v.Pointer, k.lv, k.y.Pointer, k.n, workers);

    // dU = dY·v and dV = dY·u.
    private static bool ProductBackward<T, E>(in CombineBackward<Product, T, E> k, CpuWorkers workers)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        if (!k.lu.IsFlat || !k.lv.IsFlat)
        {
            return false;
        }

        if (k.dU.Exists)
        {
            Elementwise<S, V>.Run<T, T, T, VectorFunctions<S, V>.Product>(k.dY.Pointer, k.v.Pointer, k.dU.Pointer, 0f, k.n, workers);
        }

        if (k.dV.Exists)
        {
            Elementwise<S, V>.Run<T, T, T, VectorFunctions<S, V>.Product>(k.dY.Pointer, k.u.Pointer, k.dV.Pointer, 0f, k.n, workers);
        }

        return true;
    }

    private static bool AddTo<TIn, TLoad, T, E>(in Accumulate<TIn, TLoad, T, E> k, CpuWorkers workers)
        where TIn : unmanaged
        where TLoad : unmanaged, IElement<TIn>
        where T : unmanaged
        where E : unmanaged, IElement<T> =>
        k.from.IsFlat && k.to.IsFlat
            && Elementwise<S, V>.Run<T, TIn, T, VectorFunctions<S, V>.Sum>(k.y.Pointer, k.x.Pointer, k.y.Pointer, 0f, k.n, workers);
}
