using System.Runtime.CompilerServices;

namespace Engine;

/// <summary>
/// Few rows times a row-major matrix: sums of B's rows, weighted by A. One row of C follows 4 rows of B that are a quarter of k
/// apart, from top to bottom: 4 long runs of memory, of which 3 go on while one enters a page, behind whose end the processor foresees
/// nothing. Up to 4 rows follow 4 neighbouring rows of B from left to right (<see cref="Sweep{T, R}"/>). More rows are worth longer blocks of B:
/// a tile of sums, up to 8 rows (4 with narrow vectors) by 2 vectors, is in registers while the block lasts. Each element is
/// summed in an order that k alone decides.
/// </summary>
internal static unsafe class RowSums<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    // Rows of B in a tile's block: enough to make loading and storing its sums cheap. A large B's are fewer, since each is a stream of
    // memory, unless rows are whole pages apart: then those of C are, too, and push each other out of the cache.
    private const long LongBlock = 128;
    private const long LargeBlock = 32;
    private const long Page = 4096;

    // Bytes of B from which on it hardly comes from a cache, so that a tile asks for what the next one reads: rows as many and
    // as far apart as these the processor does not foresee.
    private const long Large = 4 << 20;

    /// <summary>Rows of the next tile when <paramref name="left"/> are left.</summary>
    public static int RowsOf(long left) => left >= 8 && S.Width == 16 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1;

    /// <summary>c = a·b + addend for one strip of columns.</summary>
    /// <param name="a">The rows of one tile after another, as <see cref="RowsOf"/> divides them; of each, its numbers for every k side by side.</param>
    /// <param name="b">The strip's first element of B.</param>
    /// <param name="stepB">Elements from one k to the next in b.</param>
    /// <param name="rows">Rows of a and c.</param>
    /// <param name="columns">Columns of the strip.</param>
    /// <param name="k">Length of the sums.</param>
    /// <param name="c">The strip's first element of the result.</param>
    /// <param name="stepC">Floats from row to row of c.</param>
    /// <param name="addend">What is added, in the shape of c, or null; may be c itself.</param>
    /// <param name="stepAddend">Floats from row to row of the addend; 0 for one row that all share.</param>
    public static void Run<T>(
        float* a, T* b, long stepB, long rows, int columns, long k, float* c, long stepC, float* addend, long stepAddend)
        where T : unmanaged
    {
        bool sweeps = rows <= 4;
        bool large = !sweeps && stepB * k * sizeof(T) >= Large;
        long block = sweeps ? 4 : large && stepB * sizeof(T) % Page != 0 ? LargeBlock : LongBlock;
        long first = rows == 1 ? Quarters(a, b, (nint)stepB, columns, k, c, addend) : 0;
        if (first > 0)
        {
            b += first * stepB;
            addend = c;
        }

        for (long start = first; start < k; start += block)
        {
            nint steps = (nint)Math.Min(block, k - start);
            int j = sweeps && steps == 4 ? Across(a, start, k, b, stepB, rows, columns, c, stepC, addend, stepAddend) : 0;
            for (; j + (2 * S.Width) <= columns; j += 2 * S.Width)
            {
                float* z = addend == null ? null : addend + j;
                if (large)
                {
                    Down<T, TwoAhead>(a, start, k, b + j, stepB, rows, steps, c + j, stepC, z, stepAddend, 0);
                }
                else
                {
                    Down<T, Two>(a, start, k, b + j, stepB, rows, steps, c + j, stepC, z, stepAddend, 0);
                }
            }

            for (; j < columns; j += S.Width)
            {
                int width = Math.Min(S.Width, columns - j);
                Down<T, One>(a, start, k, b + j, stepB, rows, steps, c + j, stepC, addend == null ? null : addend + j, stepAddend, width);
            }

            b += block * stepB;
            addend = c;
            stepAddend = stepC;
        }
    }

    // One row, but for the last k mod 4 steps; returns the steps that are done.
    private static long Quarters<T>(float* a, T* b, nint stepB, int columns, long k, float* c, float* addend)
        where T : unmanaged
    {
        nint quarter = (nint)(k / 4);
        if (quarter > 0 && addend != c)
        {
            Span<float> sums = new(c, columns);
            if (addend == null)
            {
                sums.Clear();
            }
            else
            {
                new Span<float>(addend, columns).CopyTo(sums);
            }
        }

        for (nint i = 0; i < quarter; i++)
        {
            Follow(a + i, quarter, b + (i * stepB), quarter * stepB, columns, c);
        }

        return 4 * quarter;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Follow<T>(float* a, nint stepA, T* b0, nint stepB, int columns, float* c)
        where T : unmanaged
    {
        V a0 = S.Create(a[0]);
        V a1 = S.Create(a[stepA]);
        V a2 = S.Create(a[2 * stepA]);
        V a3 = S.Create(a[3 * stepA]);
        T* b1 = b0 + stepB;
        T* b2 = b1 + stepB;
        T* b3 = b2 + stepB;
        nint j = 0;
        for (; j + S.Width <= columns; j += S.Width)
        {
            V sum = S.Fma(a0, Stored<S, V>.Load(b0 + j), S.Load(c + j));
            sum = S.Fma(a1, Stored<S, V>.Load(b1 + j), sum);
            sum = S.Fma(a2, Stored<S, V>.Load(b2 + j), sum);
            S.Store(c + j, S.Fma(a3, Stored<S, V>.Load(b3 + j), sum));
        }

        int rest = columns - (int)j;
        if (rest > 0)
        {
            V sum = S.Fma(a0, Stored<S, V>.Load(b0 + j, rest), S.Load(c + j, rest));
            sum = S.Fma(a1, Stored<S, V>.Load(b1 + j, rest), sum);
            sum = S.Fma(a2, Stored<S, V>.Load(b2 + j, rest), sum);
            S.Store(c + j, S.Fma(a3, Stored<S, V>.Load(b3 + j, rest), sum), rest);
        }
    }

    // Whole vectors of all rows; returns the columns that are done.
    private static int Across<T>(
        float* a, long start, long k, T* b, long stepB, long rows, int columns, float* c, long stepC, float* addend, long stepAddend)
        where T : unmanaged
    {
        int height = 1;
        for (long i = 0; i < rows; i += height)
        {
            height = RowsOf(rows - i);
            float* x = a + (i * k) + (start * height);
            float* y = c + (i * stepC);
            float* z = addend == null ? null : addend + (i * stepAddend);
            switch (height)
            {
                case 4:
                    Sweep<T, Four>(columns, x, b, (nint)stepB, y, (nint)stepC, z, (nint)stepAddend);
                    break;
                case 2:
                    Sweep<T, Two>(columns, x, b, (nint)stepB, y, (nint)stepC, z, (nint)stepAddend);
                    break;
                default:
                    Sweep<T, One>(columns, x, b, (nint)stepB, y, (nint)stepC, z, (nint)stepAddend);
                    break;
            }
        }

        return columns / S.Width * S.Width;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sweep<T, R>(int columns, float* a, T* b0, nint stepB, float* c, nint stepC, float* addend, nint stepAddend)
        where T : unmanaged
        where R : struct, ICount
    {
        Spread<R>(a, 0, out V a00, out V a01, out V a02, out V a03);
        Spread<R>(a, 1, out V a10, out V a11, out V a12, out V a13);
        Spread<R>(a, 2, out V a20, out V a21, out V a22, out V a23);
        Spread<R>(a, 3, out V a30, out V a31, out V a32, out V a33);
        T* b1 = b0 + stepB;
        T* b2 = b1 + stepB;
        T* b3 = b2 + stepB;
        nint next = 4 * stepB;
        for (nint j = 0; j + S.Width <= columns; j += S.Width)
        {
            // What the next four rows begin with is on its way when these end.
            S.Prefetch(b0 + next + j);
            S.Prefetch(b1 + next + j);
            S.Prefetch(b2 + next + j);
            S.Prefetch(b3 + next + j);
            V y0 = Stored<S, V>.Load(b0 + j);
            V y1 = Stored<S, V>.Load(b1 + j);
            V y2 = Stored<S, V>.Load(b2 + j);
            V y3 = Stored<S, V>.Load(b3 + j);
            Add<R>(0, a00, a01, a02, a03, y0, y1, y2, y3, c + j, stepC, addend == null ? null : addend + j, stepAddend);
            Add<R>(1, a10, a11, a12, a13, y0, y1, y2, y3, c + j, stepC, addend == null ? null : addend + j, stepAddend);
            Add<R>(2, a20, a21, a22, a23, y0, y1, y2, y3, c + j, stepC, addend == null ? null : addend + j, stepAddend);
            Add<R>(3, a30, a31, a32, a33, y0, y1, y2, y3, c + j, stepC, addend == null ? null : addend + j, stepAddend);
        }
    }

    // One row's numbers for four steps of k.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Spread<R>(float* a, int row, out V x0, out V x1, out V x2, out V x3)
        where R : struct, ICount
    {
        int at = Math.Min(row, R.Value - 1);
        x0 = S.Create(a[at]);
        x1 = S.Create(a[at + R.Value]);
        x2 = S.Create(a[at + (2 * R.Value)]);
        x3 = S.Create(a[at + (3 * R.Value)]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<R>(int row, V x0, V x1, V x2, V x3, V y0, V y1, V y2, V y3, float* c, nint stepC, float* addend, nint stepAddend)
        where R : struct, ICount
    {
        if (row < R.Value)
        {
            V sum = addend == null ? S.Zero : S.Load(addend + (row * stepAddend));
            S.Store(c + (row * stepC), S.Fma(x3, y3, S.Fma(x2, y2, S.Fma(x1, y1, S.Fma(x0, y0, sum)))));
        }
    }

    // All tiles of some columns: what they read of B stays in the first-level cache.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Down<T, W>(
        float* a, long start, long k, T* b, long stepB, long rows, nint steps, float* c, long stepC, float* addend, long stepAddend, int width)
        where T : unmanaged
        where W : struct, ICount
    {
        long i = 0;
        while (i < rows)
        {
            int height = RowsOf(rows - i);
            float* x = a + (i * k) + (start * height);
            float* y = c + (i * stepC);
            float* z = addend == null ? null : addend + (i * stepAddend);
            switch (height)
            {
                case 8:
                    Tile<T, Eight, W>(steps, x, b, (nint)stepB, y, (nint)stepC, z, (nint)stepAddend, width);
                    break;
                case 4:
                    Tile<T, Four, W>(steps, x, b, (nint)stepB, y, (nint)stepC, z, (nint)stepAddend, width);
                    break;
                case 2:
                    Tile<T, Two, W>(steps, x, b, (nint)stepB, y, (nint)stepC, z, (nint)stepAddend, width);
                    break;
                default:
                    Tile<T, One, W>(steps, x, b, (nint)stepB, y, (nint)stepC, z, (nint)stepAddend, width);
                    break;
            }

            i += height;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile<T, R, W>(
        nint k, float* a, T* b, nint stepB, float* c, nint stepC, float* addend, nint stepAddend, int width)
        where T : unmanaged
        where R : struct, ICount
        where W : struct, ICount
    {
        V c00 = S.Zero, c01 = S.Zero, c10 = S.Zero, c11 = S.Zero, c20 = S.Zero, c21 = S.Zero, c30 = S.Zero, c31 = S.Zero;
        V c40 = S.Zero, c41 = S.Zero, c50 = S.Zero, c51 = S.Zero, c60 = S.Zero, c61 = S.Zero, c70 = S.Zero, c71 = S.Zero;
        if (addend != null)
        {
            Get<R, W>(0, addend, stepAddend, width, ref c00, ref c01);
            Get<R, W>(1, addend, stepAddend, width, ref c10, ref c11);
            Get<R, W>(2, addend, stepAddend, width, ref c20, ref c21);
            Get<R, W>(3, addend, stepAddend, width, ref c30, ref c31);
            Get<R, W>(4, addend, stepAddend, width, ref c40, ref c41);
            Get<R, W>(5, addend, stepAddend, width, ref c50, ref c51);
            Get<R, W>(6, addend, stepAddend, width, ref c60, ref c61);
            Get<R, W>(7, addend, stepAddend, width, ref c70, ref c71);
        }

        for (; k > 0; k--)
        {
            V b0 = W.Value > 1 || width == S.Width ? Stored<S, V>.Load(b) : Stored<S, V>.Load(b, width);
            V b1 = W.Value > 1 ? Stored<S, V>.Load(b + S.Width) : S.Zero;
            Step<R, W>(a, 0, b0, b1, ref c00, ref c01);
            Step<R, W>(a, 1, b0, b1, ref c10, ref c11);
            Step<R, W>(a, 2, b0, b1, ref c20, ref c21);
            Step<R, W>(a, 3, b0, b1, ref c30, ref c31);
            Step<R, W>(a, 4, b0, b1, ref c40, ref c41);
            Step<R, W>(a, 5, b0, b1, ref c50, ref c51);
            Step<R, W>(a, 6, b0, b1, ref c60, ref c61);
            Step<R, W>(a, 7, b0, b1, ref c70, ref c71);
            if (typeof(W) == typeof(TwoAhead))
            {
                S.Prefetch(b + (2 * S.Width));
                S.Prefetch(b + (3 * S.Width));
            }

            a += R.Value;
            b += stepB;
        }

        Put<R, W>(0, c00, c01, c, stepC, width);
        Put<R, W>(1, c10, c11, c, stepC, width);
        Put<R, W>(2, c20, c21, c, stepC, width);
        Put<R, W>(3, c30, c31, c, stepC, width);
        Put<R, W>(4, c40, c41, c, stepC, width);
        Put<R, W>(5, c50, c51, c, stepC, width);
        Put<R, W>(6, c60, c61, c, stepC, width);
        Put<R, W>(7, c70, c71, c, stepC, width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Get<R, W>(int row, float* addend, nint stepAddend, int width, ref V c0, ref V c1)
        where R : struct, ICount
        where W : struct, ICount
    {
        if (row < R.Value)
        {
            addend += row * stepAddend;
            c0 = W.Value > 1 ? S.Load(addend) : S.Load(addend, width);
            if (W.Value > 1)
            {
                c1 = S.Load(addend + S.Width);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<R, W>(float* a, int row, V b0, V b1, ref V c0, ref V c1)
        where R : struct, ICount
        where W : struct, ICount
    {
        if (row < R.Value)
        {
            V x = S.Create(a[row]);
            c0 = S.Fma(x, b0, c0);
            if (W.Value > 1)
            {
                c1 = S.Fma(x, b1, c1);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<R, W>(int row, V c0, V c1, float* c, nint stepC, int width)
        where R : struct, ICount
        where W : struct, ICount
    {
        if (row < R.Value)
        {
            c += row * stepC;
            if (W.Value > 1)
            {
                S.Store(c, c0);
                S.Store(c + S.Width, c1);
            }
            else
            {
                S.Store(c, c0, width);
            }
        }
    }

    private readonly struct One : ICount
    {
        public static int Value => 1;
    }

    private readonly struct Two : ICount
    {
        public static int Value => 2;
    }

    /// <summary>Two vectors, and the two after them on their way.</summary>
    private readonly struct TwoAhead : ICount
    {
        public static int Value => 2;
    }

    private readonly struct Four : ICount
    {
        public static int Value => 4;
    }

    private readonly struct Eight : ICount
    {
        public static int Value => 8;
    }
}
