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
    // Logits that are still in the first-level cache when their exponentials follow their maximum, and what their pieces' maxima may take.
    private const long Piece = 1024;
    private const int MostPieces = 256;

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
            sum = Add(x + i, null, count, ref max, sum);
        }

        return new ExpSum(ExpSum.Shift(max), sum);
    }

    /// <summary>
    /// The row's <see cref="ExpSum"/>, and its softmax in <paramref name="y"/>: exponentials piece by piece as above, each less the largest so far,
    /// which wait in <paramref name="room"/>, and then a factor for each. x, room and y may be the same.
    /// </summary>
    [SkipLocalsInit]
    public static ExpSum Softmax<TY>(float* x, float* room, TY* y, long n, bool stream)
        where TY : unmanaged
    {
        long piece = Math.Max(Piece, (n + MostPieces - 1) / MostPieces);
        float* largest = stackalloc float[MostPieces];
        float max = float.NegativeInfinity;
        float sum = 0f;
        float* next = largest;
        for (long i = 0; i < n; i += piece)
        {
            sum = Add(x + i, room + i, Math.Min(piece, n - i), ref max, sum);
            *next++ = max;
        }

        // Neighbours with the same maximum at once: it grows in few pieces.
        ExpSum result = new(ExpSum.Shift(max), sum);
        long start = 0;
        next = largest;
        for (long i = piece; start < n; i += piece, next++)
        {
            if (i < n && next[1] == *next)
            {
                continue;
            }

            float since = *next == max ? 1f : MathF.Exp(*next - max);
            Affine(room + start, y + start, Math.Min(i, n) - start, since / result.Divisor, 0f, stream);
            start = i;
        }

        return result;
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
        long lead = Streams.Lead(y, n, stream);
        long i = 0;
        while (i < n)
        {
            for (; i >= lead && i + S.Width <= n; i += S.Width)
            {
                S.Prefetch((byte*)(x + i) + Streams.Ahead);
                Stored<S, V>.Store(y + i, S.Fma(f, SimdMath<S, V>.ExpBelow88(S.Sub(Stored<S, V>.Load(x + i), m)), o), stream);
            }

            if (i == n)
            {
                // Not even an empty store may touch the line that is streamed next: it would bring it into the cache.
                return;
            }

            int count = (int)Math.Min(S.Width, (i < lead ? lead : n) - i);
            Stored<S, V>.Store(y + i, S.Fma(f, SimdMath<S, V>.ExpBelow88(S.Sub(Stored<S, V>.Load(x + i, count), m)), o), count);
            i += count;
        }
    }

    /// <summary>y = factor·x + offset; x and y may be the same.</summary>
    public static void Affine<TX, TY>(TX* x, TY* y, long n, float factor, float offset, bool stream = false)
        where TX : unmanaged
        where TY : unmanaged
    {
        V f = S.Create(factor);
        V o = S.Create(offset);
        long i = Streams.Lead(y, n, stream);
        ShortAffine(x, y, i, factor, offset);
        for (; i + (2 * S.Width) <= n; i += 2 * S.Width)
        {
            V y0 = S.Fma(f, Stored<S, V>.Load(x + i), o);
            V y1 = S.Fma(f, Stored<S, V>.Load(x + i + S.Width), o);
            Stored<S, V>.Store(y + i, y0, stream);
            Stored<S, V>.Store(y + i + S.Width, y1, stream);
        }

        ShortAffine(x + i, y + i, n - i, factor, offset);
    }

    // The same for few elements.
    private static void ShortAffine<TX, TY>(TX* x, TY* y, long n, float factor, float offset)
        where TX : unmanaged
        where TY : unmanaged
    {
        for (long i = 0; i < n; i += S.Width)
        {
            int count = (int)Math.Min(S.Width, n - i);
            Stored<S, V>.Store(y + i, S.Fma(S.Create(factor), Stored<S, V>.Load(x + i, count), S.Create(offset)), count);
        }
    }

    // The sum less the maximum so far, with one more piece: where it raises the maximum, the sum so far is scaled down.
    private static float Add<T>(T* x, float* y, long n, ref float max, float sum)
        where T : unmanaged
    {
        float higher = MathF.Max(max, Max(x, n));
        if (higher > max)
        {
            sum = sum == 0f ? 0f : sum * MathF.Exp(max - higher);
            max = higher;
        }

        return sum + Sum(x, y, n, max);
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
        float.IsPositiveInfinity(max) ? Infinite(x, y, n) : Finite(x, y, n, ExpSum.Shift(max));

    // Nothing but this loop, so that the compiler loads each constant once an iteration and not at each use.
    private static float Finite<T>(T* x, float* y, long n, float max)
        where T : unmanaged
    {
        V m = S.Create(max);
        V a = S.Zero, b = S.Zero;
        long i = 0;
        for (; i + (2 * S.Width) <= n; i += 2 * S.Width)
        {
            S.Prefetch((byte*)(x + i) + Streams.Ahead);
            V e0 = SimdMath<S, V>.ExpBelow88(S.Sub(Stored<S, V>.Load(x + i), m));
            S.Prefetch((byte*)(x + i + S.Width) + Streams.Ahead);
            V e1 = SimdMath<S, V>.ExpBelow88(S.Sub(Stored<S, V>.Load(x + i + S.Width), m));
            a = S.Add(a, e0);
            b = S.Add(b, e1);
            if (y != null)
            {
                S.Store(y + i, e0);
                S.Store(y + i + S.Width, e1);
            }
        }

        float sum = S.Sum(S.Add(a, b));
        return i < n ? sum + Short(x + i, y == null ? null : y + i, (int)(n - i), max) : sum;
    }

    // The same for less than two vectors.
    private static float Short<T>(T* x, float* y, int n, float max)
        where T : unmanaged
    {
        V m = S.Create(max);
        V sum = S.Zero;
        for (int i = 0; i < n; i += S.Width)
        {
            int count = Math.Min(S.Width, n - i);
            V e = SimdMath<S, V>.ExpBelow88(S.Sub(Rest(x + i, count), m));
            sum = S.Add(sum, e);
            if (y != null)
            {
                S.Store(y + i, e, count);
            }
        }

        return S.Sum(sum);
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
