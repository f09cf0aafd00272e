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
        where G : struct, IVectorFunction<V>
    {
        fixed (Map<F, T, E>* state = &k)
        {
            workers.Run(Block.Cover(k.n), &ForwardBlock<F, T, E, G>, state);
        }

        return true;
    }

    private static void ForwardBlock<F, T, E, G>(void* state, long index, int worker)
        where F : unmanaged, IFunction
        where T : unmanaged
        where E : unmanaged, IElement<T>
        where G : struct, IVectorFunction<V>
    {
        ref readonly Map<F, T, E> k = ref *(Map<F, T, E>*)state;
        V a = S.Create(k.a);
        long i = index * Block.Span;
        long end = Math.Min(k.n, i + Block.Span);
        for (; i + S.Width <= end; i += S.Width)
        {
            Stored<S, V>.Store(k.y.Pointer + i, G.Value(Stored<S, V>.Load(k.x.Pointer + i), a));
        }

        int rest = (int)(end - i);
        Stored<S, V>.Store(k.y.Pointer + i, G.Value(Stored<S, V>.Load(k.x.Pointer + i, rest), a), rest);
    }

    private static bool Backward<F, T, E, G>(in MapBackward<F, T, E> k, CpuWorkers workers)
        where F : unmanaged, IFunction
        where T : unmanaged
        where E : unmanaged, IElement<T>
        where G : struct, IVectorFunction<V>
    {
        fixed (MapBackward<F, T, E>* state = &k)
        {
            workers.Run(Block.Cover(k.n), &BackwardBlock<F, T, E, G>, state);
        }

        return true;
    }

    private static void BackwardBlock<F, T, E, G>(void* state, long index, int worker)
        where F : unmanaged, IFunction
        where T : unmanaged
        where E : unmanaged, IElement<T>
        where G : struct, IVectorFunction<V>
    {
        ref readonly MapBackward<F, T, E> k = ref *(MapBackward<F, T, E>*)state;
        V a = S.Create(k.a);
        long i = index * Block.Span;
        long end = Math.Min(k.n, i + Block.Span);
        for (; i + S.Width <= end; i += S.Width)
        {
            Stored<S, V>.Store(k.dX.Pointer + i, S.Mul(Stored<S, V>.Load(k.dY.Pointer + i), G.Derivative(Stored<S, V>.Load(k.saved.Pointer + i), a)));
        }

        int rest = (int)(end - i);
        V tail = S.Mul(Stored<S, V>.Load(k.dY.Pointer + i, rest), G.Derivative(Stored<S, V>.Load(k.saved.Pointer + i, rest), a));
        Stored<S, V>.Store(k.dX.Pointer + i, tail, rest);
    }
}
