using System.Runtime.CompilerServices;

namespace Engine;

/// <summary>Sums over contiguous values of any storage type, each in an order that depends on the count and the vector width alone.</summary>
internal static unsafe class SimdSums<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    /// <summary>Columns that <see cref="Columns"/> sums side by side: four vectors, so that additions overlap.</summary>
    public static int TileWidth => 4 * S.Width;

    /// <summary>Σ x.</summary>
    public static float Sum<T>(T* x, long n)
        where T : unmanaged
    {
        V a = S.Zero, b = S.Zero, c = S.Zero, d = S.Zero;
        long i = 0;
        for (; i + (4 * S.Width) <= n; i += 4 * S.Width)
        {
            a = S.Add(a, Stored<S, V>.Load(x + i));
            b = S.Add(b, Stored<S, V>.Load(x + i + S.Width));
            c = S.Add(c, Stored<S, V>.Load(x + i + (2 * S.Width)));
            d = S.Add(d, Stored<S, V>.Load(x + i + (3 * S.Width)));
        }

        for (; i < n; i += S.Width)
        {
            a = S.Add(a, Stored<S, V>.Load(x + i, (int)Math.Min(S.Width, n - i)));
        }

        return S.Sum(S.Add(S.Add(a, b), S.Add(c, d)));
    }

    /// <summary>Σ (x − c) and Σ (x − c)².</summary>
    public static (float Sum, float Squares) Centred<T>(T* x, long n, float c)
        where T : unmanaged
    {
        V centre = S.Create(c);
        V s0 = S.Zero, s1 = S.Zero, q0 = S.Zero, q1 = S.Zero, q2 = S.Zero, q3 = S.Zero;
        long i = 0;
        for (; i + (4 * S.Width) <= n; i += 4 * S.Width)
        {
            V d0 = S.Sub(Stored<S, V>.Load(x + i), centre);
            V d1 = S.Sub(Stored<S, V>.Load(x + i + S.Width), centre);
            V d2 = S.Sub(Stored<S, V>.Load(x + i + (2 * S.Width)), centre);
            V d3 = S.Sub(Stored<S, V>.Load(x + i + (3 * S.Width)), centre);
            s0 = S.Add(s0, S.Add(d0, d1));
            s1 = S.Add(s1, S.Add(d2, d3));
            q0 = S.Fma(d0, d0, q0);
            q1 = S.Fma(d1, d1, q1);
            q2 = S.Fma(d2, d2, q2);
            q3 = S.Fma(d3, d3, q3);
        }

        for (; i < n; i += S.Width)
        {
            int count = (int)Math.Min(S.Width, n - i);
            V d = S.Join(S.Sub(Stored<S, V>.Load(x + i, count), centre), S.Zero, count);
            s0 = S.Add(s0, d);
            q0 = S.Fma(d, d, q0);
        }

        return (S.Sum(S.Add(s0, s1)), S.Sum(S.Add(S.Add(q0, q1), S.Add(q2, q3))));
    }

    /// <summary>
    /// The sums of columns <paramref name="start"/> to <paramref name="end"/> of rows that are <paramref name="stride"/> apart, each
    /// added from the first row to the last: y = scale·Σ, or y += scale·Σ if <paramref name="accumulate"/>.
    /// </summary>
    public static void Columns<T>(T* x, long rows, long stride, float* y, long start, long end, float scale, bool accumulate)
        where T : unmanaged
    {
        long c = start;
        for (; c + TileWidth <= end; c += TileWidth)
        {
            V s0 = S.Zero, s1 = S.Zero, s2 = S.Zero, s3 = S.Zero;
            T* p = x + c;
            for (long row = 0; row < rows; row++, p += stride)
            {
                s0 = S.Add(s0, Stored<S, V>.Load(p));
                s1 = S.Add(s1, Stored<S, V>.Load(p + S.Width));
                s2 = S.Add(s2, Stored<S, V>.Load(p + (2 * S.Width)));
                s3 = S.Add(s3, Stored<S, V>.Load(p + (3 * S.Width)));
            }

            Put(y + c, s0, scale, accumulate);
            Put(y + c + S.Width, s1, scale, accumulate);
            Put(y + c + (2 * S.Width), s2, scale, accumulate);
            Put(y + c + (3 * S.Width), s3, scale, accumulate);
        }

        for (; c + S.Width <= end; c += S.Width)
        {
            V s = S.Zero;
            for (long row = 0; row < rows; row++)
            {
                s = S.Add(s, Stored<S, V>.Load(x + (row * stride) + c));
            }

            Put(y + c, s, scale, accumulate);
        }

        for (; c < end; c++)
        {
            float s = 0f;
            for (long row = 0; row < rows; row++)
            {
                s += Stored<S, V>.One(x + (row * stride) + c);
            }

            y[c] = accumulate ? y[c] + (scale * s) : scale * s;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(float* y, V s, float scale, bool accumulate)
    {
        V scaled = S.Mul(S.Create(scale), s);
        S.Store(y, accumulate ? S.Add(S.Load(y), scaled) : scaled);
    }
}
