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
        overrides.Add<Combine<Sum>>(&Forward<Sum, VectorFunctions<S, V>.Sum>);
        overrides.Add<Combine<Difference>>(&Forward<Difference, VectorFunctions<S, V>.Difference>);
        overrides.Add<Combine<Product>>(&Forward<Product, VectorFunctions<S, V>.Product>);
        overrides.Add<Combine<Quotient>>(&Forward<Quotient, VectorFunctions<S, V>.Quotient>);
        overrides.Add<CombineBackward<Product>>(&ProductBackward);
        overrides.Add<Accumulate>(&AddTo);
    }

    private static bool Forward<F, G>(in Combine<F> k, CpuWorkers workers)
        where F : unmanaged, IFunction2
        where G : struct, IVectorFunction2<V> =>
        k.lu.IsFlat && k.lv.IsFlat && Run<G>(k.u.Pointer, k.v.Pointer, k.y.Pointer, k.n, workers);

    // dU = dY·v and dV = dY·u.
    private static bool ProductBackward(in CombineBackward<Product> k, CpuWorkers workers)
    {
        if (!k.lu.IsFlat || !k.lv.IsFlat)
        {
            return false;
        }

        if (k.dU.Exists)
        {
            Run<VectorFunctions<S, V>.Product>(k.dY.Pointer, k.v.Pointer, k.dU.Pointer, k.n, workers);
        }

        if (k.dV.Exists)
        {
            Run<VectorFunctions<S, V>.Product>(k.dY.Pointer, k.u.Pointer, k.dV.Pointer, k.n, workers);
        }

        return true;
    }

    private static bool AddTo(in Accumulate k, CpuWorkers workers) =>
        k.from.IsFlat && k.to.IsFlat && Run<VectorFunctions<S, V>.Sum>(k.y.Pointer, k.x.Pointer, k.y.Pointer, k.n, workers);

    private static bool Run<G>(float* u, float* v, float* y, long n, CpuWorkers workers)
        where G : struct, IVectorFunction2<V>
    {
        Operands operands = new() { U = u, V = v, Y = y, Count = n };
        workers.Run(Block.Cover(n), &RunBlock<G>, &operands);
        return true;
    }

    private static void RunBlock<G>(void* state, long index, int worker)
        where G : struct, IVectorFunction2<V>
    {
        Operands k = *(Operands*)state;
        long i = index * Block.Span;
        long end = Math.Min(k.Count, i + Block.Span);
        for (; i + S.Width <= end; i += S.Width)
        {
            S.Store(k.Y + i, G.Value(S.Load(k.U + i), S.Load(k.V + i)));
        }

        int rest = (int)(end - i);
        S.Store(k.Y + i, G.Value(S.Load(k.U + i, rest), S.Load(k.V + i, rest)), rest);
    }

    private struct Operands
    {
        public float* U;
        public float* V;
        public float* Y;
        public long Count;
    }
}
