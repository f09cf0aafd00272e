using System.Runtime.CompilerServices;

namespace Engine;

/// <summary>y = u: copies and conversions as elementwise functions.</summary>
internal readonly struct Same<V> : IVectorFunction2<V>
    where V : struct
{
    public static bool ReadsV => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Value(V u, V v, V a) => u;
}
