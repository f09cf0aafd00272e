using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>A function of one variable, with its derivative; <c>a</c> is its parameter, if it has one.</summary>
public interface IFunction
{
    /// <summary>f(x).</summary>
    static abstract float Value(float x, float a);

    /// <summary>f′(x), given x and y = f(x).</summary>
    static abstract float Derivative(float x, float y, float a);
}

/// <summary>y = f(x). One block per <see cref="Block.Span"/> elements. x, y (n).</summary>
[Kernel]
public readonly partial record struct Map<F>(View<float> x, View<float> y, float a, long n) : IKernel
    where F : unmanaged, IFunction
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long end = b.End(n);
        for (long i = b.Start; i < end; i += b.Size)
        {
            y[i] = F.Value(x[i], a);
        }
    }
}

/// <summary>dX = dY·f′(x), overwriting. One block per <see cref="Block.Span"/> elements. All (n).</summary>
[Kernel]
public readonly partial record struct MapBackward<F>(View<float> x, View<float> y, View<float> dY, View<float> dX, float a, long n) : IKernel
    where F : unmanaged, IFunction
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long end = b.End(n);
        for (long i = b.Start; i < end; i += b.Size)
        {
            dX[i] = dY[i] * F.Derivative(x[i], y[i], a);
        }
    }
}
