namespace Engine;

/// <summary>A row of the function table on whole vectors.</summary>
/// <typeparam name="V">The vector type.</typeparam>
internal interface IVectorFunction<V>
    where V : struct
{
    /// <summary>f(x).</summary>
    static abstract V Value(V x, V a);

    /// <summary>f′ from x or from y = f(x), whichever the row of the scalar table reads.</summary>
    static abstract V Derivative(V saved, V a);
}

/// <summary>A row of the table of two-variable functions on whole vectors.</summary>
/// <typeparam name="V">The vector type.</typeparam>
internal interface IVectorFunction2<V>
    where V : struct
{
    /// <summary>f(a, b).</summary>
    static abstract V Value(V a, V b);
}
