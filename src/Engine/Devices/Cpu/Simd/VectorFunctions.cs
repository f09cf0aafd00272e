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

    /// <summary>½(1 + z): from a function with values in (−1, 1) to one with values in (0, 1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Half(V z) => S.Fma(z, S.Create(0.5f), S.Create(0.5f));

    /// <summary>1 − z².</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V OneMinusSquare(V z) => S.Sub(One, S.Mul(z, z));

    internal readonly struct Relu : IVectorFunction<V>
    {
        public static V Value(V x, V a) => S.Max(x, S.Zero);

        public static V Derivative(V saved, V a) => S.IfGreater(saved, S.Zero, One, S.Zero);
    }

    internal readonly struct Gelu : IVectorFunction<V>
    {
        public static V Value(V x, V a) => S.Mul(x, Phi(x));

        public static V Derivative(V saved, V a)
        {
            V density = SimdMath<S, V>.Exp(S.Mul(S.Mul(saved, saved), S.Create(-0.5f)));
            return S.Fma(S.Mul(saved, S.Create(0.398942280f)), density, Phi(saved));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static V Phi(V x) => Half(SimdMath<S, V>.Erf(S.Mul(x, S.Create(0.707106781f))));
    }

    internal readonly struct GeluTanh : IVectorFunction<V>
    {
        public static V Value(V x, V a) => S.Mul(x, Half(Gate(x)));

        public static V Derivative(V saved, V a)
        {
            V t = Gate(saved);
            V du = S.Fma(S.Mul(saved, saved), S.Create(0.797884561f * 0.134145f), S.Create(0.797884561f));
            return S.Fma(S.Mul(S.Mul(saved, S.Create(0.5f)), OneMinusSquare(t)), du, Half(t));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static V Gate(V x)
        {
            V u = S.Fma(S.Mul(x, x), S.Create(0.797884561f * 0.044715f), S.Create(0.797884561f));
            return SimdMath<S, V>.Tanh(S.Mul(x, u));
        }
    }

    internal readonly struct Silu : IVectorFunction<V>
    {
        public static V Value(V x, V a) => S.Mul(x, Sigma(x));

        public static V Derivative(V saved, V a)
        {
            V s = Sigma(saved);
            return S.Mul(s, S.Fma(saved, S.Sub(One, s), One));
        }
    }

    internal readonly struct Sigmoid : IVectorFunction<V>
    {
        public static V Value(V x, V a) => Sigma(x);

        public static V Derivative(V saved, V a) => S.Mul(saved, S.Sub(One, saved));
    }

    internal readonly struct Tanh : IVectorFunction<V>
    {
        public static V Value(V x, V a) => SimdMath<S, V>.Tanh(x);

        public static V Derivative(V saved, V a) => OneMinusSquare(saved);
    }

    internal readonly struct Exp : IVectorFunction<V>
    {
        public static V Value(V x, V a) => SimdMath<S, V>.Exp(x);

        public static V Derivative(V saved, V a) => saved;
    }

    internal readonly struct Erf : IVectorFunction<V>
    {
        public static V Value(V x, V a) => SimdMath<S, V>.Erf(x);

        public static V Derivative(V saved, V a) =>
            S.Mul(S.Create(1.12837917f), SimdMath<S, V>.Exp(S.Sub(S.Zero, S.Mul(saved, saved))));
    }

    internal readonly struct Square : IVectorFunction<V>
    {
        public static V Value(V x, V a) => S.Mul(x, x);

        public static V Derivative(V saved, V a) => S.Add(saved, saved);
    }

    internal readonly struct Scale : IVectorFunction<V>
    {
        public static V Value(V x, V a) => S.Mul(x, a);

        public static V Derivative(V saved, V a) => a;
    }

    internal readonly struct Shift : IVectorFunction<V>
    {
        public static V Value(V x, V a) => S.Add(x, a);

        public static V Derivative(V saved, V a) => One;
    }

    internal readonly struct Sum : IVectorFunction2<V>
    {
        public static V Value(V a, V b) => S.Add(a, b);
    }

    internal readonly struct Difference : IVectorFunction2<V>
    {
        public static V Value(V a, V b) => S.Sub(a, b);
    }

    internal readonly struct Product : IVectorFunction2<V>
    {
        public static V Value(V a, V b) => S.Mul(a, b);
    }

    internal readonly struct Quotient : IVectorFunction2<V>
    {
        public static V Value(V a, V b) => S.Div(a, b);
    }
}
