using System.Runtime.CompilerServices;

namespace Engine;

/// <summary>Where the vectors of an operand come from: a loop over this is compiled for memory and for a constant.</summary>
/// <typeparam name="V">The vector type.</typeparam>
internal interface IOperand<V>
    where V : struct
{
    /// <summary>The vector at place i.</summary>
    V At(long i);

    /// <summary>Its first <paramref name="n"/> places; no memory behind them is touched.</summary>
    V At(long i, int n);

    /// <summary>Asks for what lies <see cref="Streams.Ahead"/> of place i.</summary>
    void Prefetch(long i);
}

/// <summary>Contiguous elements of any storage type.</summary>
internal readonly unsafe struct Places<S, V, T>(T* p) : IOperand<V>
    where S : struct, ISimd<V>
    where V : struct
    where T : unmanaged
{
    private readonly T* _p = p;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V At(long i) => Stored<S, V>.Load(_p + i);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V At(long i, int n) => Stored<S, V>.Load(_p + i, n);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(long i) => S.Prefetch((byte*)(_p + i) + Streams.Ahead);
}

/// <summary>The same vector at every place.</summary>
internal readonly struct Constant<V>(V x) : IOperand<V>
    where V : struct
{
    private readonly V _x = x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V At(long i) => _x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V At(long i, int n) => _x;

    public void Prefetch(long i)
    {
        // It is in a register.
    }
}
