using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>What a derivative reads of a function's operand x and its result y; what it does not read is not kept for it.</summary>
public enum Reads
{
    /// <summary>The derivative is constant.</summary>
    Neither,

    /// <summary>The operand.</summary>
    X,

    /// <summary>The result.</summary>
    Y,
}

/// <summary>A function of one variable, with its derivative; <c>a</c> is its parameter, if it has one.</summary>
public interface IFunction : IDeviceFunctions
{
    /// <summary>Which of x and y <see cref="Derivative"/> reads.</summary>
    static abstract Reads Reads { get; }

    /// <summary>f(x).</summary>
    static abstract float Value(float x, float a);

    /// <summary>f′(x), given x or y = f(x), as <see cref="Reads"/> says; the other argument is arbitrary.</summary>
    static abstract float Derivative(float x, float y, float a);
}

/// <summary>y = f(x), computed in float32. One block per <see cref="Block.Span"/> elements. x, y (n).</summary>
[Kernel]
public readonly partial record struct Map<F, T, E>(View<T> x, View<T> y, float a, long n) : IKernel
    where F : unmanaged, IFunction
    where T : unmanaged
    where E : unmanaged, IElement<T>
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long end = b.End(n);
        for (long i = b.Start; i < end; i += b.Size)
        {
            y[i] = E.Store(F.Value(E.Load(x[i]), a));
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(n, x.BytesOf(n) + y.BytesOf(n));
}

/// <summary>
/// dX = dY·f′, overwriting, where f′ reads <c>saved</c>: x or y, whichever the function's <see cref="IFunction.Reads"/> names.
/// One block per <see cref="Block.Span"/> elements. All (n).
/// </summary>
[Kernel]
public readonly partial record struct MapBackward<F, T, E>(View<T> saved, View<T> dY, View<T> dX, float a, long n) : IKernel
    where F : unmanaged, IFunction
    where T : unmanaged
    where E : unmanaged, IElement<T>
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long end = b.End(n);
        for (long i = b.Start; i < end; i += b.Size)
        {
            float s = E.Load(saved[i]);
            dX[i] = E.Store(E.Load(dY[i]) * F.Derivative(s, s, a));
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(2 * n, (F.Reads == Reads.Neither ? 0 : saved.BytesOf(n)) + dY.BytesOf(n) + dX.BytesOf(n));
}
