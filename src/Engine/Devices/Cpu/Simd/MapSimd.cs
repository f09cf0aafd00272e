using System.Runtime.CompilerServices;
using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>
/// Functions of one variable over flat memory of any storage type: <see cref="Map{F, T, E}"/> and <see cref="MapBackward{F, T, E}"/> of the rows of the function table that
/// <see cref="VectorFunctions{S, V}"/> has on vectors.
/// </summary>
internal static unsafe class MapSimd<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    public static void Register(CpuOverrides overrides)
    {
        Register<float, Float32Element>(overrides);
        Register<BFloat16, BFloat16Element>(overrides);
        Register<Half, Float16Element>(overrides);
    }

    private static void Register<T, E>(CpuOverrides overrides)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        Add<Relu, T, E, VectorFunctions<S, V>.Relu>(overrides);
        Add<Gelu, T, E, VectorFunctions<S, V>.Gelu>(overrides);
        Add<GeluTanh, T, E, VectorFunctions<S, V>.GeluTanh>(overrides);
        Add<Silu, T, E, VectorFunctions<S, V>.Silu>(overrides);
        Add<Sigmoid, T, E, VectorFunctions<S, V>.Sigmoid>(overrides);
        Add<Tanh, T, E, VectorFunctions<S, V>.Tanh>(overrides);
        Add<Exp, T, E, VectorFunctions<S, V>.Exp>(overrides);
        Add<Erf, T, E, VectorFunctions<S, V>.Erf>(overrides);
        Add<Square, T, E, VectorFunctions<S, V>.Square>(overrides);
        Add<Scale, T, E, VectorFunctions<S, V>.Scale>(overrides);
        Add<Shift, T, E, VectorFunctions<S, V>.Shift>(overrides);
    }

    private static void Add<F, T, E, G>(CpuOverrides overrides)
        where F : unmanaged, IFunction
        where T : unmanaged
        where E : unmanaged, IElement<T>
        where G : struct, IVectorFunction<V>
    {
        overrides.Add<Map<F, T, E>>(&Forward<F, T, E, G>);
        overrides.Add<MapBackward<F, T, E>>(&Backward<F, T, E, G>);
    }

    private static bool Forward<F, T, E, G>(in Map<F, T, E> k, CpuWorkers workers)
        where F : unmanaged, IFunction
        where T : unmanaged
        where E : unmanaged, IElement<T>
        where G : struct, IVectorFunction<V> =>
        Elementwise<S, V>.Run<T, T, T, Function<G>>(k.x.Pointer, null, k.y.Pointer, k.a, k.n, workers);

    private static bool Backward<F, T, E, G>(in MapBackward<F, T, E> k, CpuWorkers workers)
        where F : unmanaged, IFunction
        where T : unmanaged
        where E : unmanaged, IElement<T>
        where G : struct, IVectorFunction<V> =>
        Elementwise<S, V>.Run<T, T, T, Gradient<G>>(k.dY.Pointer, k.saved.Pointer, k.dX.Pointer, k.a, k.n, workers);

    private readonly struct Function<G> : IVectorFunction2<V>
        where G : struct, IVectorFunction<V>
    {
        public static bool ReadsV => false;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Value(V u, V v, V a) => G.Value(u, a);
    }

    // dY·f′(saved).
    private readonly struct Gradient<G> : IVectorFunction2<V>
        where G : struct, IVectorFunction<V>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Value(V u, V v, V a) => S.Mul(u, G.Derivative(v, a));
    }
}
