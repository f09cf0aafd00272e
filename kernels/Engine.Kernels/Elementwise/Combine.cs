using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>A function of two variables, with its partial derivatives.</summary>
public interface IFunction2 : IDeviceFunctions
{
    /// <summary>f(a, b).</summary>
    static abstract float Value(float a, float b);

    /// <summary>∂f/∂a.</summary>
    static abstract float DerivativeA(float a, float b);

    /// <summary>∂f/∂b.</summary>
    static abstract float DerivativeB(float a, float b);
}

/// <summary>y = f(u, v), operands broadcast by their layouts. One block per <see cref="Block.Span"/> elements. y (n).</summary>
[Kernel]
public readonly partial record struct Combine<F, T, E>(View<T> u, View<T> v, View<T> y, Layout lu, Layout lv, long n) : IKernel
    where F : unmanaged, IFunction2
    where T : unmanaged
    where E : unmanaged, IElement<T>
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long end = b.End(n);
        for (long i = b.Start; i < end; i += b.Size)
        {
            y[i] = E.Store(F.Value(E.Load(u[lu.At(i)]), E.Load(v[lv.At(i)])));
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(n, u.BytesOf(lu.Distinct(n)) + v.BytesOf(lv.Distinct(n)) + y.BytesOf(n));
}

/// <summary>
/// dU = dY·∂f/∂u and dV = dY·∂f/∂v at full size, overwriting; a gradient that is not wanted is an empty view. The op sums
/// over broadcast axes afterwards. One block per <see cref="Block.Span"/> elements. dY, dU, dV (n).
/// </summary>
[Kernel]
public readonly partial record struct CombineBackward<F, T, E>(
    View<T> u, View<T> v, View<T> dY, View<T> dU, View<T> dV, Layout lu, Layout lv, long n) : IKernel
    where F : unmanaged, IFunction2
    where T : unmanaged
    where E : unmanaged, IElement<T>
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long end = b.End(n);
        for (long i = b.Start; i < end; i += b.Size)
        {
            float ui = E.Load(u[lu.At(i)]);
            float vi = E.Load(v[lv.At(i)]);
            if (dU.Exists)
            {
                dU[i] = E.Store(E.Load(dY[i]) * F.DerivativeA(ui, vi));
            }

            if (dV.Exists)
            {
                dV[i] = E.Store(E.Load(dY[i]) * F.DerivativeB(ui, vi));
            }
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(
        2 * n * ((dU.Exists ? 1 : 0) + (dV.Exists ? 1 : 0)),
        u.BytesOf(lu.Distinct(n)) + v.BytesOf(lv.Distinct(n)) + dY.BytesOf(n) + dU.BytesOf(n) + dV.BytesOf(n));
}
