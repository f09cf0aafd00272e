using System.Runtime.CompilerServices;
using Engine.Kernels;

namespace Engine;

/// <summary>
/// Passes over a row of logits of any storage type: its maximum, its exponentials and their sum, in an order that depends on the length and the
/// vector width alone. The last, partial vector is filled up with −∞, which neither pass notices.
/// </summary>
internal static unsafe class SimdExp<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    /// <summary>The row's <see cref="ExpSum"/>; its exponentials go to <paramref name="y"/> unless that is null. x and y may be the same.</summary>
    public static ExpSum Sum<T>(T* x, float* y, long n)
        where T : unmanaged
    {
        float shift = ExpSum.Shift(Max(x, n));
        V m = S.Create(shift);
        V a = S.Zero, b = S.Zero;
        long i = 0;
        for (; i + (2 * S.Width) <= n; i += 2 * S.Width)
        {
            V e0 = SimdMath<S, V>.Exp(S.Sub(Stored<S, V>.Load(x + i), m));
            V e1 = SimdMath<S, V>.Exp(S.Sub(Stored<S, V>.Load(x + i + S.Width), m));
            a = S.Add(a, e0);
            b = S.Add(b, e1);
            if (y != null)
            {
                S.Store(y + i, e0);
                S.Store(y + i + S.Width, e1);
            }
        }

        for (; i < n; i += S.Width)
        {
            int count = (int)Math.Min(S.Width, n - i);
            V e = SimdMath<S, V>.Exp(S.Sub(Load(x + i, count), m));
            a = S.Add(a, e);
            if (y != null)
            {
                S.Store(y + i, e, count);
            }
        }

        return new ExpSum(shift, S.Sum(S.Add(a, b)));
    }

    /// <summary>y = factor·e^(x − shift) + offset.</summary>
    public static void Scaled<TX, TY>(TX* x, TY* y, long n, float shift, float factor, float offset)
        where TX : unmanaged
        where TY : unmanaged
    {
        V m = S.Create(shift);
        V f = S.Create(factor);
        V o = S.Create(offset);
        long i = 0;
        for (; i + S.Width <= n; i += S.Width)
        {
            Stored<S, V>.Store(y + i, S.Fma(f, SimdMath<S, V>.Exp(S.Sub(Stored<S, V>.Load(x + i), m)), o));
        }

        if (i < n)
        {
            int count = (int)(n - i);
            Stored<S, V>.Store(y + i, S.Fma(f, SimdMath<S, V>.Exp(S.Sub(Load(x + i, count), m)), o), count);
        }
    }

    /// <summary>y = factor·x + offset; x and y may be the same.</summary>
    public static void Affine(float* x, float* y, long n, float factor, float offset)
    {
        V f = S.Create(factor);
        V o = S.Create(offset);
        long i = 0;
        for (; i + S.Width <= n; i += S.Width)
        {
            S.Store(y + i, S.Fma(f, S.Load(x + i), o));
        }

        for (; i < n; i++)
        {
            y[i] = (factor * x[i]) + offset;
        }
    }

    private static float Max<T>(T* x, long n)
        where T : unmanaged
    {
        V a = S.Create(float.NegativeInfinity);
        V b = a;
        long i = 0;
        for (; i + (2 * S.Width) <= n; i += 2 * S.Width)
        {
            a = S.Max(a, Stored<S, V>.Load(x + i));
            b = S.Max(b, Stored<S, V>.Load(x + i + S.Width));
        }

        for (; i < n; i += S.Width)
        {
            a = S.Max(a, Load(x + i, (int)Math.Min(S.Width, n - i)));
        }

        return S.MaxAcross(S.Max(a, b));
    }

    // The first count elements, −∞ behind.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Load<T>(T* p, int count)
        where T : unmanaged
    {
        V v = S.Create(float.NegativeInfinity);
        if (typeof(T) == typeof(float))
        {
            Unsafe.CopyBlockUnaligned(ref Unsafe.As<V, byte>(ref v), ref *(byte*)p, (uint)count * sizeof(float));
            return v;
        }

        for (int i = 0; i < count; i++)
        {
            Unsafe.Add(ref Unsafe.As<V, float>(ref v), i) = Stored<S, V>.One(p + i);
        }

        return v;
    }
}
