using System.Runtime.CompilerServices;

namespace Engine;

/// <summary>The rows of the function table that have a vector form; formulas and names as in the scalar table.</summary>
internal static class VectorFunctions<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    private static V One => S.Create(1f);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Sigma(V x) => S.Div(One, S.Add(One, SimdMath<S, V>.Exp(S.Sub(S.Zero, x))));

    /// <summary>1 − z².</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V OneMinusSquare(V z) => S.Sub(One, S.Mul(z, z));

    internal readonly struct Relu : IVectorFunction<V>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Value(V x, V a) => S.Max(S.Zero, x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Derivative(V saved, V a) => S.IfGreater(saved, S.Zero, One, S.Zero);
    }

    internal readonly struct Gelu : IVectorFunction<V>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Value(V x, V a) => S.Mul(x, SimdMath<S, V>.Phi(x));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Derivative(V saved, V a)
        {
            V density = SimdMath<S, V>.ExpBelow88(S.Mul(S.Mul(saved, saved), S.Create(-0.5f)));
            return S.Fma(S.Mul(saved, S.Create(0.398942280f)), density, SimdMath<S, V>.Phi(saved));
        }
    }

    // ½(1 + tanh u) = σ(2u) = 1/(1 + e) with e = 2^(x·(A + B·x²)).
    internal readonly struct GeluTanh : IVectorFunction<V>
    {
        // −2·√(2/π)·log₂ e, and that times 0.044715.
        private const float A = -2.30220819f;
        private const float B = -0.102943240f;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Value(V x, V a) =>
            S.Div(x, S.Add(One, SimdMath<S, V>.Exp2(S.Mul(x, S.Fma(S.Mul(x, x), S.Create(B), S.Create(A))))));

        // σ + x·σ·(1 − σ)·2u′, where 1 − σ = e·σ without cancellation. Beyond ±10 the derivative is 0 and 1 to the last place.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Derivative(V saved, V a)
        {
            V x = S.Min(S.Create(10f), S.Max(S.Create(-10f), saved));
            V q = S.Mul(x, x);
            V e = SimdMath<S, V>.Exp2Inside(S.Mul(x, S.Fma(q, S.Create(B), S.Create(A))));
            V sigma = S.Div(One, S.Add(One, e));
            V slope = S.Mul(x, S.Fma(q, S.Create(1.595769122f * 0.134145f), S.Create(1.595769122f)));
            return S.Fma(S.Mul(sigma, slope), S.Mul(e, sigma), sigma);
        }
    }

    internal readonly struct Silu : IVectorFunction<V>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Value(V x, V a) => S.Mul(x, Sigma(x));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Derivative(V saved, V a)
        {
            V s = Sigma(saved);
            return S.Mul(s, S.Fma(saved, S.Sub(One, s), One));
        }
    }

    internal readonly struct Sigmoid : IVectorFunction<V>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Value(V x, V a) => Sigma(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Derivative(V saved, V a) => S.Mul(saved, S.Sub(One, saved));
    }

    internal readonly struct Tanh : IVectorFunction<V>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Value(V x, V a) => SimdMath<S, V>.Tanh(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Derivative(V saved, V a) => OneMinusSquare(saved);
    }

    internal readonly struct Exp : IVectorFunction<V>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Value(V x, V a) => SimdMath<S, V>.Exp(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Derivative(V saved, V a) => saved;
    }

    internal readonly struct Erf : IVectorFunction<V>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Value(V x, V a) => SimdMath<S, V>.Erf(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Derivative(V saved, V a) =>
            S.Mul(S.Create(1.12837917f), SimdMath<S, V>.ExpBelow88(S.Sub(S.Zero, S.Mul(saved, saved))));
    }

    internal readonly struct Square : IVectorFunction<V>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Value(V x, V a) => S.Mul(x, x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Derivative(V saved, V a) => S.Add(saved, saved);
    }

    internal readonly struct Scale : IVectorFunction<V>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Value(V x, V a) => S.Mul(x, a);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Derivative(V saved, V a) => a;
    }

    internal readonly struct Shift : IVectorFunction<V>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Value(V x, V a) => S.Add(x, a);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Derivative(V saved, V a) => One;
    }

    internal readonly struct Sum : IVectorFunction2<V>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Value(V u, V v, V a) => S.Add(u, v);
    }

    internal readonly struct Difference : IVectorFunction2<V>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Value(V u, V v, V a) => S.Sub(u, v);
    }

    internal readonly struct Product : IVectorFunction2<V>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Value(V u, V v, V a) => S.Mul(u, v);
    }

    internal readonly struct Quotient : IVectorFunction2<V>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Value(V u, V v, V a) => S.Div(u, v);
    }
}
