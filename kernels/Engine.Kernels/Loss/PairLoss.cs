using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>A loss of one prediction a against one target b, with its partial derivatives; p is its parameter, if it has one.</summary>
public interface IPairLoss : IDeviceFunctions
{
    /// <summary>ℓ(a, b).</summary>
    static abstract float Value(float a, float b, float p);

    /// <summary>∂ℓ/∂a.</summary>
    static abstract float DerivativeA(float a, float b, float p);

    /// <summary>∂ℓ/∂b.</summary>
    static abstract float DerivativeB(float a, float b, float p);
}

/// <summary>
/// ℓ(u, v) element by element: to <c>each</c> (n) if that exists, and their sum over the block to <c>partial</c> (blocks) if that
/// exists, which one more kernel adds up in order. p is one number, or one for each class if <c>classes</c> (C) exists, C the
/// last axis. One block per <see cref="Block.Span"/> elements. u, v (n).
/// </summary>
[Kernel]
public readonly partial record struct PairLoss<F>(
    View<float> u, View<float> v, View<float> classes, View<float> each, View<float> partial, float p, long C, long n) : IKernel
    where F : unmanaged, IPairLoss
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        float sum = 0f;
        long end = b.End(n);
        for (long i = b.Start; i < end; i += b.Size)
        {
            float value = F.Value(u[i], v[i], classes.Exists ? classes[i % C] : p);
            sum += value;
            if (each.Exists)
            {
                each[i] = value;
            }
        }

        Result.Write(b, partial, b.Sum(sum), false);
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(2 * n, u.BytesOf(n) + v.BytesOf(n) + classes.BytesOf(C) + each.BytesOf(n) + partial.BytesOf(blocks));
}

/// <summary>
/// dU = g·∂ℓ/∂u and dV = g·∂ℓ/∂v, overwriting, with g = scale·dY; dY is one number, or one an element if
/// <paramref name="perElement"/>. A gradient that is not wanted is an empty view. Blocks and shapes as in <see cref="PairLoss{F}"/>.
/// </summary>
[Kernel]
public readonly partial record struct PairLossBackward<F>(
    View<float> u, View<float> v, View<float> classes, View<float> dY, View<float> dU, View<float> dV,
    float p, float scale, long C, long n, bool perElement) : IKernel
    where F : unmanaged, IPairLoss
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long end = b.End(n);
        for (long i = b.Start; i < end; i += b.Size)
        {
            float g = scale * dY[perElement ? i : 0];
            float pi = classes.Exists ? classes[i % C] : p;
            if (dU.Exists)
            {
                dU[i] = g * F.DerivativeA(u[i], v[i], pi);
            }

            if (dV.Exists)
            {
                dV[i] = g * F.DerivativeB(u[i], v[i], pi);
            }
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(
        n * (1 + (dU.Exists ? 2 : 0) + (dV.Exists ? 2 : 0)),
        u.BytesOf(n) + v.BytesOf(n) + classes.BytesOf(C) + dY.BytesOf(perElement ? n : 1) + dU.BytesOf(n) + dV.BytesOf(n));
}
