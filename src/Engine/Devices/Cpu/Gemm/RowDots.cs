using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine;

/// <summary>
/// Few rows times a transposed matrix: element (i, j) is the dot product of row i of A with row j of Bᵀ, both read front to
/// back. One row meets the rows of Bᵀ two by two, half of the columns apart: two long runs of memory, of which one goes on while the
/// other enters a page, behind whose end the processor foresees nothing. Of more rows, up to 4 (2 with narrow vectors) and 4
/// columns share what is loaded. Sums are vectors until the end.
/// </summary>
internal static unsafe class RowDots<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    private const int Columns = 4;

    // Columns that stay in the first-level cache while the rows of A go by, as pieces of this length do beside them.
    private const int Block = 8;
    private const long LongestPiece = 768;

    /// <summary>c = a·bᵀ + addend for some columns.</summary>
    /// <param name="a">The first row of A.</param>
    /// <param name="stepA">Floats from row to row of a.</param>
    /// <param name="b">The first row of Bᵀ.</param>
    /// <param name="stepB">Elements from row to row of b.</param>
    /// <param name="rows">Rows of a and c.</param>
    /// <param name="columns">Rows of b, columns of c; a multiple of 4 unless these are the last.</param>
    /// <param name="k">Length of the sums.</param>
    /// <param name="c">The first element of the result.</param>
    /// <param name="stepC">Floats from row to row of c.</param>
    /// <param name="addend">What is added, in the shape of c, or null; may be c itself.</param>
    /// <param name="stepAddend">Floats from row to row of the addend; 0 for one row that all share.</param>
    public static void Run<T>(
        float* a, long stepA, T* b, long stepB, long rows, int columns, long k, float* c, long stepC, float* addend, long stepAddend)
        where T : unmanaged
    {
        if (rows == 1 && k % S.Width == 0)
        {
            Apart(a, b, (nint)stepB, columns, (nint)k, c, addend);
            return;
        }

        // More rows come in pieces, of a length that depends on k alone, that stay in the first-level cache.
        long pieces = rows == 1 ? 1 : (k + LongestPiece - 1) / LongestPiece;
        long piece = (k + (pieces * S.Width) - 1) / (pieces * S.Width) * S.Width;
        for (long start = 0; start < k; start += piece)
        {
            for (int j = 0; j < columns; j += Block)
            {
                int width = Math.Min(Block, columns - j);
                float* before = addend == null ? null : addend + j;
                Down(a + start, stepA, b + (j * stepB) + start, stepB, rows, width, Math.Min(piece, k - start), c + j, stepC, before, stepAddend);
            }

            addend = c;
            stepAddend = stepC;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Apart<T>(float* a, T* b, nint stepB, int columns, nint k, float* c, float* addend)
        where T : unmanaged
    {
        int apart = columns / 4 * 2;
        for (int n = 0; n < apart; n += 2)
        {
            T* near = b + (n * stepB);
            T* far = near + (apart * stepB);
            Pair(a, near, far, k, out V near0, out V far0);
            Pair(a, near + stepB, far + stepB, k, out V near1, out V far1);
            Vector128<float> dots = S.Sum(near0, near1, far0, far1);
            if (addend != null)
            {
                dots += Vector128.Create(*(ulong*)(addend + n), *(ulong*)(addend + n + apart)).AsSingle();
            }

            *(ulong*)(c + n) = dots.AsUInt64().GetElement(0);
            *(ulong*)(c + n + apart) = dots.AsUInt64().GetElement(1);
        }

        int done = 2 * apart;
        Row(k, a, b + (done * stepB), stepB, columns - done, c + done, addend == null ? null : addend + done);
    }

    // Two dot products, not yet summed up; calls nothing, so that all sums stay in registers.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pair<T>(float* a, T* near, T* far, nint k, out V x, out V y)
        where T : unmanaged
    {
        V x0 = S.Zero, x1 = S.Zero, y0 = S.Zero, y1 = S.Zero;
        nint t = 0;
        for (; t + (2 * S.Width) <= k; t += 2 * S.Width)
        {
            V a0 = S.Load(a + t);
            V a1 = S.Load(a + t + S.Width);
            x0 = S.Fma(a0, Stored<S, V>.Load(near + t), x0);
            y0 = S.Fma(a0, Stored<S, V>.Load(far + t), y0);
            x1 = S.Fma(a1, Stored<S, V>.Load(near + t + S.Width), x1);
            y1 = S.Fma(a1, Stored<S, V>.Load(far + t + S.Width), y1);
        }

        if (t < k)
        {
            x0 = S.Fma(S.Load(a + t), Stored<S, V>.Load(near + t), x0);
            y0 = S.Fma(S.Load(a + t), Stored<S, V>.Load(far + t), y0);
        }

        x = S.Add(x0, x1);
        y = S.Add(y0, y1);
    }

    // One block of columns: its rows of Bᵀ stay in the cache for all rows of A.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Down<T>(
        float* a, long stepA, T* b, long stepB, long rows, int columns, long k, float* c, long stepC, float* addend, long stepAddend)
        where T : unmanaged
    {
        nint whole = (nint)(k / S.Width * S.Width);
        int height = 1;
        for (long i = 0; i < rows; i += height)
        {
            height = RowsOf(rows - i);
            float* x = a + (i * stepA);
            int j = 0;
            for (; j + Columns <= columns && whole == k; j += Columns)
            {
                float* before = addend == null ? null : addend + (i * stepAddend) + j;
                Tile(height, whole, x, stepA, b + (j * stepB), stepB, Columns, c + (i * stepC) + j, stepC, before, stepAddend);
            }

            for (; j < columns; j += Columns)
            {
                float* before = addend == null ? null : addend + (i * stepAddend) + j;
                Edge(height, whole, k, x, stepA, b + (j * stepB), stepB, Math.Min(Columns, columns - j), c + (i * stepC) + j, stepC, before, stepAddend);
            }
        }
    }

    private static void Tile<T>(
        int height, nint k, float* a, long stepA, T* b, long stepB, int columns, float* c, long stepC, float* addend, long stepAddend)
        where T : unmanaged
    {
        switch (height)
        {
            case 4:
                Tile<T, Four>(k, a, (nint)stepA, b, (nint)stepB, columns, c, (nint)stepC, addend, (nint)stepAddend);
                break;
            case 2:
                Tile<T, Two>(k, a, (nint)stepA, b, (nint)stepB, columns, c, (nint)stepC, addend, (nint)stepAddend);
                break;
            default:
                Row(k, a, b, (nint)stepB, columns, c, addend);
                break;
        }
    }

    // A tile with fewer columns, or of rows that are no whole number of vectors.
    private static void Edge<T>(
        int height, nint whole, long k, float* a, long stepA, T* b, long stepB, int columns, float* c, long stepC, float* addend, long stepAddend)
        where T : unmanaged
    {
        float* dots = stackalloc float[4 * Columns];
        Tile(height, whole, a, stepA, b, stepB, columns, dots, Columns, null, 0);
        for (int r = 0; r < height; r++)
        {
            for (int n = 0; n < columns; n++)
            {
                float before = addend == null ? 0f : addend[(r * stepAddend) + n];
                c[(r * stepC) + n] = before + dots[(r * Columns) + n] + End(a + (r * stepA), b + (n * stepB), whole, k);
            }
        }
    }

    // What is left when a row is no whole number of vectors.
    private static float End<T>(float* a, T* b, long from, long k)
        where T : unmanaged
    {
        float sum = 0f;
        for (long t = from; t < k; t++)
        {
            sum += a[t] * Stored<S, V>.One(b + t);
        }

        return sum;
    }

    private static int RowsOf(long left) => left >= 4 && S.Width == 16 ? 4 : left >= 2 ? 2 : 1;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row<T>(nint k, float* a, T* b, nint stepB, int columns, float* c, float* addend)
        where T : unmanaged
    {
        for (int n = 0; n < columns; n++, b += stepB)
        {
            V c0 = S.Zero, c1 = S.Zero, c2 = S.Zero, c3 = S.Zero;
            nint t = 0;
            for (; t + (4 * S.Width) <= k; t += 4 * S.Width)
            {
                c0 = S.Fma(S.Load(a + t), Stored<S, V>.Load(b + t), c0);
                c1 = S.Fma(S.Load(a + t + S.Width), Stored<S, V>.Load(b + t + S.Width), c1);
                c2 = S.Fma(S.Load(a + t + (2 * S.Width)), Stored<S, V>.Load(b + t + (2 * S.Width)), c2);
                c3 = S.Fma(S.Load(a + t + (3 * S.Width)), Stored<S, V>.Load(b + t + (3 * S.Width)), c3);
            }

            for (; t < k; t += S.Width)
            {
                c0 = S.Fma(S.Load(a + t), Stored<S, V>.Load(b + t), c0);
            }

            float dot = S.Sum(S.Add(S.Add(c0, c1), S.Add(c2, c3)));
            c[n] = addend == null ? dot : addend[n] + dot;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile<T, R>(
        nint k, float* a, nint stepA, T* b0, nint stepB, int columns, float* c, nint stepC, float* addend, nint stepAddend)
        where T : unmanaged
        where R : struct, ICount
    {
        V c00 = S.Zero, c01 = S.Zero, c02 = S.Zero, c03 = S.Zero, c10 = S.Zero, c11 = S.Zero, c12 = S.Zero, c13 = S.Zero;
        V c20 = S.Zero, c21 = S.Zero, c22 = S.Zero, c23 = S.Zero, c30 = S.Zero, c31 = S.Zero, c32 = S.Zero, c33 = S.Zero;

        // Missing columns repeat the last one; their sums are dropped.
        T* b1 = columns > 1 ? b0 + stepB : b0;
        T* b2 = columns > 2 ? b1 + stepB : b1;
        T* b3 = columns > 3 ? b2 + stepB : b2;
        float* a1 = R.Value > 1 ? a + stepA : a;
        float* a2 = R.Value > 2 ? a1 + stepA : a;
        float* a3 = R.Value > 3 ? a2 + stepA : a;
        nint t = 0;
        for (; t < k; t += S.Width)
        {
            V y0 = Stored<S, V>.Load(b0 + t);
            V y1 = Stored<S, V>.Load(b1 + t);
            V y2 = Stored<S, V>.Load(b2 + t);
            V y3 = Stored<S, V>.Load(b3 + t);
            Step<R>(0, S.Load(a + t), y0, y1, y2, y3, ref c00, ref c01, ref c02, ref c03);
            Step<R>(1, S.Load(a1 + t), y0, y1, y2, y3, ref c10, ref c11, ref c12, ref c13);
            Step<R>(2, S.Load(a2 + t), y0, y1, y2, y3, ref c20, ref c21, ref c22, ref c23);
            Step<R>(3, S.Load(a3 + t), y0, y1, y2, y3, ref c30, ref c31, ref c32, ref c33);
        }

        Put<R>(0, c00, c01, c02, c03, c, stepC, addend, stepAddend);
        Put<R>(1, c10, c11, c12, c13, c, stepC, addend, stepAddend);
        Put<R>(2, c20, c21, c22, c23, c, stepC, addend, stepAddend);
        Put<R>(3, c30, c31, c32, c33, c, stepC, addend, stepAddend);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<R>(int row, V x, V y0, V y1, V y2, V y3, ref V c0, ref V c1, ref V c2, ref V c3)
        where R : struct, ICount
    {
        if (row < R.Value)
        {
            c0 = S.Fma(x, y0, c0);
            c1 = S.Fma(x, y1, c1);
            c2 = S.Fma(x, y2, c2);
            c3 = S.Fma(x, y3, c3);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<R>(int row, V c0, V c1, V c2, V c3, float* c, nint stepC, float* addend, nint stepAddend)
        where R : struct, ICount
    {
        if (row < R.Value)
        {
            Vector128<float> dots = S.Sum(c0, c1, c2, c3);
            Vector128.Store(addend == null ? dots : Vector128.Load(addend + (row * stepAddend)) + dots, c + (row * stepC));
        }
    }

    private readonly struct Two : ICount
    {
        public static int Value => 2;
    }

    private readonly struct Four : ICount
    {
        public static int Value => 4;
    }
}
