using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>A relation between two elements.</summary>
public interface IRelation<T> : IDeviceFunctions
    where T : unmanaged
{
    /// <summary>Whether it holds; every relation with NaN is false, except ≠.</summary>
    static abstract bool Holds(T a, T b);
}

/// <summary>
/// y = 1 where the relation holds between u and v, 0 elsewhere; operands broadcast by their layouts. One block per
/// <see cref="Block.Span"/> elements. y (n).
/// </summary>
[Kernel]
public readonly partial record struct Compare<T, R>(View<T> u, View<T> v, View<int> y, Layout lu, Layout lv, long n) : IKernel
    where T : unmanaged
    where R : unmanaged, IRelation<T>
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long end = b.End(n);
        for (long i = b.Start; i < end; i += b.Size)
        {
            y[i] = R.Holds(u[lu.At(i)], v[lv.At(i)]) ? 1 : 0;
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(0, u.BytesOf(lu.Distinct(n)) + v.BytesOf(lv.Distinct(n)) + y.BytesOf(n));
}

/// <summary>a &gt; b.</summary>
public readonly partial struct Greater : IRelation<float>, IRelation<int>
{
    /// <inheritdoc/>
    public static bool Holds(float a, float b) => a > b;

    /// <inheritdoc/>
    public static bool Holds(int a, int b) => a > b;
}

/// <summary>a ≥ b.</summary>
public readonly partial struct GreaterOrEqual : IRelation<float>, IRelation<int>
{
    /// <inheritdoc/>
    public static bool Holds(float a, float b) => a >= b;

    /// <inheritdoc/>
    public static bool Holds(int a, int b) => a >= b;
}

/// <summary>a &lt; b.</summary>
public readonly partial struct Less : IRelation<float>, IRelation<int>
{
    /// <inheritdoc/>
    public static bool Holds(float a, float b) => a < b;

    /// <inheritdoc/>
    public static bool Holds(int a, int b) => a < b;
}

/// <summary>a ≤ b.</summary>
public readonly partial struct LessOrEqual : IRelation<float>, IRelation<int>
{
    /// <inheritdoc/>
    public static bool Holds(float a, float b) => a <= b;

    /// <inheritdoc/>
    public static bool Holds(int a, int b) => a <= b;
}

/// <summary>a = b.</summary>
public readonly partial struct EqualTo : IRelation<float>, IRelation<int>
{
    /// <inheritdoc/>
    public static bool Holds(float a, float b) => a == b;

    /// <inheritdoc/>
    public static bool Holds(int a, int b) => a == b;
}

/// <summary>a ≠ b.</summary>
public readonly partial struct NotEqualTo : IRelation<float>, IRelation<int>
{
    /// <inheritdoc/>
    public static bool Holds(float a, float b) => a != b;

    /// <inheritdoc/>
    public static bool Holds(int a, int b) => a != b;
}
