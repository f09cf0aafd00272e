using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>How an element type is read as float32 and written from it.</summary>
public interface IElement<T> : IDeviceFunctions
    where T : unmanaged
{
    /// <summary>The value as float32.</summary>
    static abstract float Load(T stored);

    /// <summary>float32 rounded to the type (nearest, ties to even; integers truncate and saturate).</summary>
    static abstract T Store(float value);
}

/// <summary>float32 as itself.</summary>
public readonly partial struct Float32Element : IElement<float>
{
    /// <inheritdoc/>
    public static float Load(float stored) => stored;

    /// <inheritdoc/>
    public static float Store(float value) => value;
}

/// <summary>bfloat16.</summary>
public readonly partial struct BFloat16Element : ITensorElement<BFloat16>
{
    /// <inheritdoc/>
    public static float Load(BFloat16 stored) => (float)stored;

    /// <inheritdoc/>
    public static BFloat16 Store(float value) => (BFloat16)value;

    /// <inheritdoc/>
    public static void MultiplyAdd(ref FragmentC c, FragmentA a, FragmentB b) => Fragment.MultiplyAddBFloat16(ref c, a, b);
}

/// <summary>IEEE half precision.</summary>
public readonly partial struct Float16Element : ITensorElement<Half>
{
    /// <inheritdoc/>
    public static float Load(Half stored) => (float)stored;

    /// <inheritdoc/>
    public static Half Store(float value) => (Half)value;

    /// <inheritdoc/>
    public static void MultiplyAdd(ref FragmentC c, FragmentA a, FragmentB b) => Fragment.MultiplyAddHalf(ref c, a, b);
}

/// <summary>32-bit integers.</summary>
public readonly partial struct Int32Element : IElement<int>
{
    /// <inheritdoc/>
    public static float Load(int stored) => stored;

    /// <inheritdoc/>
    public static int Store(float value) => (int)value;
}
