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

/// <summary>A function of two variables and a constant on whole vectors: what <see cref="Elementwise{S, V}"/> computes at each place.</summary>
/// <typeparam name="V">The vector type.</typeparam>
internal interface IVectorFunction2<V>
    where V : struct
{
    /// <summary>False for a function of u alone, whose second operand is not read.</summary>
    static virtual bool ReadsV => true;

    /// <summary>f(u, v; a).</summary>
    static abstract V Value(V u, V v, V a);
}
