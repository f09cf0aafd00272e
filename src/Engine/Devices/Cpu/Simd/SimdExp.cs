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
    // Logits that are still in the first-level cache when their exponentials follow their maximum.
    private const long Piece = 2048;

    /// <summary>
    /// The row's <see cref="ExpSum"/>, piece by piece: where one raises the maximum, the sum so far is scaled down to it. So memory is read
    /// once, while exponentials are computed.
    /// </summary>
    public static ExpSum Sum<T>(T* x, long n)
        where T : unmanaged
    {
        float max = float.NegativeInfinity;
        float sum = 0f;
        for (long i = 0; i < n; i += Piece)
        {
            long count = Math.Min(Piece, n - i);
            float higher = MathF.Max(max, Max(x + i, count));
            if (higher > max)
            {
                sum = sum == 0f ? 0f : sum * MathF.Exp(max - higher);
                max = higher;
            }

            sum += Sum(x + i, null, count, max);
        }

        return new ExpSum(ExpSum.Shift(max), sum);
    }

    /// <summary>The row's <see cref="ExpSum"/> and its exponentials in <paramref name="y"/>, in two passes; x and y may be the same.</summary>
    public static ExpSum Sum(float* x, float* y, long n)
    {
        float max = Max(x, n);
        return new ExpSum(ExpSum.Shift(max), Sum(x, y, n, max));
    }

    /// <summary>y = factor·e^(x − shift) + offset; x and y may be the same.</summary>
    public static void Scaled<TX, TY>(TX* x, TY* y, long n, float shift, float factor, float offset, bool stream)
        where TX : unmanaged
        where TY : unmanaged
    {
        V m = S.Create(shift);
        V f = S.Create(factor);
        V o = S.Create(offset);
        long i = 0;
        for (; i + S.Width <= n; i += S.Width)
        {
            Stored<S, V>.Store(y + i, S.Fma(f, SimdMath<S, V>.ExpBelow88(S.Sub(Stored<S, V>.Load(x + i), m)), o), stream);
        }

        if (i < n)
        {
            int count = (int)(n - i);
            Stored<S, V>.Store(y + i, S.Fma(f, SimdMath<S, V>.ExpBelow88(S.Sub(Stored<S, V>.Load(x + i, count), m)), o), count);
        }
    }

    /// <summary>y = factor·x + offset; x and y may be the same.</summary>
    public static void Affine<TX, TY>(TX* x, TY* y, long n, float factor, float offset)
        where TX : unmanaged
        where TY : unmanaged
    {
        V f = S.Create(factor);
        V o = S.Create(offset);
        long i = 0;
        for (; i + S.Width <= n; i += S.Width)
        {
            Stored<S, V>.Store(y + i, S.Fma(f, Stored<S, V>.Load(x + i), o));
        }

        if (i < n)
        {
            int count = (int)(n - i);
            Stored<S, V>.Store(y + i, S.Fma(f, Stored<S, V>.Load(x + i, count), o), count);
        }
    }

    private static float Max<T>(T* x, long n)
        where T : unmanaged
    {
        V a = S.Create(float.NegativeInfinity);
        V b = a, c = a, d = a;
        long i = 0;
        for (; i + (4 * S.Width) <= n; i += 4 * S.Width)
        {
            a = S.Max(Stored<S, V>.Load(x + i), a);
            b = S.Max(Stored<S, V>.Load(x + i + S.Width), b);
            c = S.Max(Stored<S, V>.Load(x + i + (2 * S.Width)), c);
            d = S.Max(Stored<S, V>.Load(x + i + (3 * S.Width)), d);
        }

        for (; i + S.Width <= n; i += S.Width)
        {
            a = S.Max(Stored<S, V>.Load(x + i), a);
        }

        if (i < n)
        {
            b = S.Max(Rest(x + i, (int)(n - i)), b);
        }

        return S.MaxAcross(S.Max(S.Max(a, b), S.Max(c, d)));
    }

    // Σ e^(x − max). A place that is not a number is not the largest, but the sum shows it.
    private static float Sum<T>(T* x, float* y, long n, float max)
        where T : unmanaged =>
        float.IsPositiveInfinity(max) ? Infinite(x, y, n) : Finite(x, y, n, S.Create(ExpSum.Shift(max)));

    private static float Finite<T>(T* x, float* y, long n, V m)
        where T : unmanaged
    {
        V a = S.Zero, b = S.Zero;
        long i = 0;
        for (; i + (2 * S.Width) <= n; i += 2 * S.Width)
        {
            // What comes next: the row behind this one, or the piece.
            S.Prefetch(x + i + n);
            V e0 = SimdMath<S, V>.ExpBelow88(S.Sub(Stored<S, V>.Load(x + i), m));
            S.Prefetch(x + i + n + S.Width);
            V e1 = SimdMath<S, V>.ExpBelow88(S.Sub(Stored<S, V>.Load(x + i + S.Width), m));
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
            V e = SimdMath<S, V>.ExpBelow88(S.Sub(Rest(x + i, count), m));
            a = S.Add(a, e);
            if (y != null)
            {
                S.Store(y + i, e, count);
            }
        }

        return S.Sum(S.Add(a, b));
    }

    // The maximum is +∞ and nothing is subtracted: exponentials of any size, hardly ever.
    private static float Infinite<T>(T* x, float* y, long n)
        where T : unmanaged
    {
        float sum = 0f;
        for (long i = 0; i < n; i++)
        {
            float e = MathF.Exp(Stored<S, V>.One(x + i));
            sum += e;
            if (y != null)
            {
                y[i] = e;
            }
        }

        return sum;
    }

    // The first count elements, −∞ behind.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Rest<T>(T* p, int count)
        where T : unmanaged => S.Join(Stored<S, V>.Load(p, count), S.Create(float.NegativeInfinity), count);
}
