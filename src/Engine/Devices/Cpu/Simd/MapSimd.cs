using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>
/// Functions of one variable over flat memory: <see cref="Map{F}"/> and <see cref="MapBackward{F}"/> of the rows of the function table that
/// <see cref="VectorFunctions{S, V}"/> has on vectors.
/// </summary>
internal static unsafe class MapSimd<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    public static void Register(CpuOverrides overrides)
    {
        Add<Relu, VectorFunctions<S, V>.Relu>(overrides);
        Add<Gelu, VectorFunctions<S, V>.Gelu>(overrides);
        Add<GeluTanh, VectorFunctions<S, V>.GeluTanh>(overrides);
        Add<Silu, VectorFunctions<S, V>.Silu>(overrides);
        Add<Sigmoid, VectorFunctions<S, V>.Sigmoid>(overrides);
        Add<Tanh, VectorFunctions<S, V>.Tanh>(overrides);
        Add<Exp, VectorFunctions<S, V>.Exp>(overrides);
        Add<Erf, VectorFunctions<S, V>.Erf>(overrides);
        Add<Square, VectorFunctions<S, V>.Square>(overrides);
        Add<Scale, VectorFunctions<S, V>.Scale>(overrides);
        Add<Shift, VectorFunctions<S, V>.Shift>(overrides);
    }

    private static void Add<F, G>(CpuOverrides overrides)
        where F : unmanaged, IFunction
        where G : struct, IVectorFunction<V>
    {
        overrides.Add<Map<F>>(&Forward<F, G>);
        overrides.Add<MapBackward<F>>(&Backward<F, G>);
    }

    private static bool Forward<F, G>(in Map<F> k, CpuWorkers workers)
        where F : unmanaged, IFunction
        where G : struct, IVectorFunction<V>
    {
        fixed (Map<F>* state = &k)
        {
            workers.Run(Block.Cover(k.n), &ForwardBlock<F, G>, state);
        }

        return true;
    }

    private static void ForwardBlock<F, G>(void* state, long index, int worker)
        where F : unmanaged, IFunction
        where G : struct, IVectorFunction<V>
    {
        ref readonly Map<F> k = ref *(Map<F>*)state;
        V a = S.Create(k.a);
        long i = index * Block.Span;
        long end = Math.Min(k.n, i + Block.Span);
        for (; i + S.Width <= end; i += S.Width)
        {
            S.Store(k.y.Pointer + i, G.Value(S.Load(k.x.Pointer + i), a));
        }

        int rest = (int)(end - i);
        S.Store(k.y.Pointer + i, G.Value(S.Load(k.x.Pointer + i, rest), a), rest);
    }

    private static bool Backward<F, G>(in MapBackward<F> k, CpuWorkers workers)
        where F : unmanaged, IFunction
        where G : struct, IVectorFunction<V>
    {
        fixed (MapBackward<F>* state = &k)
        {
            workers.Run(Block.Cover(k.n), &BackwardBlock<F, G>, state);
        }

        return true;
    }

    private static void BackwardBlock<F, G>(void* state, long index, int worker)
        where F : unmanaged, IFunction
        where G : struct, IVectorFunction<V>
    {
        ref readonly MapBackward<F> k = ref *(MapBackward<F>*)state;
        V a = S.Create(k.a);
        long i = index * Block.Span;
        long end = Math.Min(k.n, i + Block.Span);
        for (; i + S.Width <= end; i += S.Width)
        {
            S.Store(k.dX.Pointer + i, S.Mul(S.Load(k.dY.Pointer + i), G.Derivative(S.Load(k.saved.Pointer + i), a)));
        }

        int rest = (int)(end - i);
        V tail = S.Mul(S.Load(k.dY.Pointer + i, rest), G.Derivative(S.Load(k.saved.Pointer + i, rest), a));
        S.Store(k.dX.Pointer + i, tail, rest);
    }
}
