using System.Runtime.CompilerServices;

namespace Engine;

/// <summary>
/// A weight matrix (K, N) cut into panels of four vectors of columns, K rows each without gaps, for products with the few rows of
/// a group of sequences: of 8 vectors read, 16 products. Packed once a launch, read at every step.
/// </summary>
internal readonly unsafe struct LstmPanels<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    private readonly float* _panels;
    private readonly long _k;

    /// <summary>Packs a matrix.</summary>
    /// <param name="memory">Room for <see cref="Floats"/> numbers.</param>
    /// <param name="w">Its first element; rows lie without gaps.</param>
    /// <param name="k">Rows.</param>
    /// <param name="columns">Columns, or columns of one gate.</param>
    /// <param name="gates">Whether the columns are four gates, of which a panel takes one vector each; otherwise it takes four vectors that follow one another.</param>
    public LstmPanels(float* memory, float* w, long k, long columns, bool gates)
    {
        _panels = memory;
        _k = k;
        long row = gates ? 4 * columns : columns;
        long stride = gates ? columns : S.Width;
        for (long panel = 0; panel < Count(columns, gates); panel++)
        {
            long first = panel * (gates ? 1 : 4) * S.Width;
            for (long i = 0; i < k; i++)
            {
                for (int g = 0; g < 4; g++)
                {
                    int n = (int)Math.Clamp(columns - first - (gates ? 0 : g * S.Width), 0, S.Width);
                    S.Store(memory, n > 0 ? S.Load(w + (i * row) + first + (g * stride), n) : S.Zero);
                    memory += S.Width;
                }
            }
        }
    }

    /// <summary>Panels of a matrix.</summary>
    public static long Count(long columns, bool gates)
    {
        long width = gates ? S.Width : 4 * S.Width;
        return (columns + width - 1) / width;
    }

    /// <summary>Numbers in the panels of a matrix.</summary>
    public static long Floats(long k, long columns, bool gates) => Count(columns, gates) * k * 4 * S.Width;

    /// <summary>sums[r][g] = Σ over k of x_r[k]·panel[k][g], four vectors for each of four rows x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Multiply(long panel, float** x, float* sums)
    {
        float* w = _panels + (panel * _k * 4 * S.Width);
        float* x0 = x[0];
        float* x1 = x[1];
        float* x2 = x[2];
        float* x3 = x[3];
        V a0 = S.Zero, a1 = S.Zero, a2 = S.Zero, a3 = S.Zero;
        V b0 = S.Zero, b1 = S.Zero, b2 = S.Zero, b3 = S.Zero;
        V c0 = S.Zero, c1 = S.Zero, c2 = S.Zero, c3 = S.Zero;
        V d0 = S.Zero, d1 = S.Zero, d2 = S.Zero, d3 = S.Zero;
        for (long k = 0; k < _k; k++)
        {
            V w0 = S.Load(w);
            V w1 = S.Load(w + S.Width);
            V w2 = S.Load(w + (2 * S.Width));
            V w3 = S.Load(w + (3 * S.Width));
            w += 4 * S.Width;
            V v = S.Create(x0[k]);
            a0 = S.Fma(v, w0, a0);
            a1 = S.Fma(v, w1, a1);
            a2 = S.Fma(v, w2, a2);
            a3 = S.Fma(v, w3, a3);
            v = S.Create(x1[k]);
            b0 = S.Fma(v, w0, b0);
            b1 = S.Fma(v, w1, b1);
            b2 = S.Fma(v, w2, b2);
            b3 = S.Fma(v, w3, b3);
            v = S.Create(x2[k]);
            c0 = S.Fma(v, w0, c0);
            c1 = S.Fma(v, w1, c1);
            c2 = S.Fma(v, w2, c2);
            c3 = S.Fma(v, w3, c3);
            v = S.Create(x3[k]);
            d0 = S.Fma(v, w0, d0);
            d1 = S.Fma(v, w1, d1);
            d2 = S.Fma(v, w2, d2);
            d3 = S.Fma(v, w3, d3);
        }

        Store(sums, a0, a1, a2, a3);
        Store(sums + (4 * S.Width), b0, b1, b2, b3);
        Store(sums + (8 * S.Width), c0, c1, c2, c3);
        Store(sums + (12 * S.Width), d0, d1, d2, d3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* p, V a, V b, V c, V d)
    {
        S.Store(p, a);
        S.Store(p + S.Width, b);
        S.Store(p + (2 * S.Width), c);
        S.Store(p + (3 * S.Width), d);
    }
}
