using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>
/// Functions of two variables where both operands are flat, their gradients for a product, and y += x: the residual additions,
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
        k.lu.IsFlat && k.lv.IsFlat && Run<T, T, G>(k.u.Pointer, k.v.Pointer, k.y.Pointer, k.n, workers);

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
            Run<T, T, VectorFunctions<S, V>.Product>(k.dY.Pointer, k.v.Pointer, k.dU.Pointer, k.n, workers);
        }

        if (k.dV.Exists)
        {
            Run<T, T, VectorFunctions<S, V>.Product>(k.dY.Pointer, k.u.Pointer, k.dV.Pointer, k.n, workers);
        }

        return true;
    }

    private static bool AddTo<TIn, TLoad, T, E>(in Accumulate<TIn, TLoad, T, E> k, CpuWorkers workers)
        where TIn : unmanaged
        where TLoad : unmanaged, IElement<TIn>
        where T : unmanaged
        where E : unmanaged, IElement<T> =>
        k.from.IsFlat && k.to.IsFlat && Run<TIn, T, VectorFunctions<S, V>.Sum>(k.y.Pointer, k.x.Pointer, k.y.Pointer, k.n, workers);

    // The second operand may be of another type than the first and the result.
    private static bool Run<TV, T, G>(T* u, TV* v, T* y, long n, CpuWorkers workers)
        where TV : unmanaged
        where T : unmanaged
        where G : struct, IVectorFunction2<V>
    {
        Operands operands = new() { U = u, V = v, Y = y, Count = n };
        workers.Run(Block.Cover(n), &RunBlock<TV, T, G>, &operands);
        return true;
    }

    private static void RunBlock<TV, T, G>(void* state, long index, int worker)
        where TV : unmanaged
        where T : unmanaged
        where G : struct, IVectorFunction2<V>
    {
        Operands k = *(Operands*)state;
        T* u = (T*)k.U;
        TV* v = (TV*)k.V;
        T* y = (T*)k.Y;
        long i = index * Block.Span;
        long end = Math.Min(k.Count, i + Block.Span);
        for (; i + S.Width <= end; i += S.Width)
        {
            Stored<S, V>.Store(y + i, G.Value(Stored<S, V>.Load(u + i), Stored<S, V>.Load(v + i)));
        }

        int rest = (int)(end - i);
        Stored<S, V>.Store(y + i, G.Value(Stored<S, V>.Load(u + i, rest), Stored<S, V>.Load(v + i, rest)), rest);
    }

    private struct Operands
    {
        public void* U;
        public void* V;
        public void* Y;
        public long Count;
    }
}
