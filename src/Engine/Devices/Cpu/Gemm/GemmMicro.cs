using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Engine;

/// <summary>A number the compiler knows: rows or vectors of a register tile.</summary>
internal interface ICount
{
    static abstract int Value { get; }
}

/// <summary>
/// The innermost loop of the matrix product: a tile of C, R rows of W vectors, stays in registers while k runs. Each step
/// loads W vectors of B, spreads one float of A over a vector for each row, and does R·W multiply-adds. 12 × 2 vectors fill
/// the 32 registers of AVX-512, 6 × 2 the 16 of AVX2 and SSE. Every element is summed in the order of k, so the choice of
/// tile never shows in the result.
/// </summary>
internal static unsafe class GemmMicro<S, V, R, W>
    where S : struct, ISimd<V>
    where V : struct
    where R : struct, ICount
    where W : struct, ICount
{
    // Steps of k, enough to bring a line from the last-level cache.
    private const int Ahead = 64;

    /// <summary>c = a·b + addend.</summary>
    /// <typeparam name="L">1 if the rows of a lie side by side, else they are <paramref name="rowA"/> apart.</typeparam>
    /// <param name="k">Length of the sum.</param>
    /// <param name="a">R floats for each k.</param>
    /// <param name="rowA">Floats from row to row of a; 1 if <typeparamref name="L"/> is.</param>
    /// <param name="stepA">Floats from one k to the next in a.</param>
    /// <param name="b">W vectors for each k.</param>
    /// <param name="stepB">Floats from one k to the next in b.</param>
    /// <param name="c">The tile's first element; all R rows and W vectors are written.</param>
    /// <param name="stepC">Floats from row to row of c.</param>
    /// <param name="addend">What is added, in the shape of c; may be c itself.</param>
    /// <param name="stepAddend">Floats from row to row of the addend; 0 for one row that all share.</param>
    /// <param name="next">What is fetched meanwhile, two lines a step, after the tile's own part of c.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<L>(
        nint k, float* a, nint rowA, nint stepA, float* b, nint stepB, float* c, nint stepC, float* addend, nint stepAddend, in GemmLines next)
        where L : struct, ICount
    {
        V c00 = S.Zero, c01 = S.Zero, c10 = S.Zero, c11 = S.Zero, c20 = S.Zero, c21 = S.Zero;
        V c30 = S.Zero, c31 = S.Zero, c40 = S.Zero, c41 = S.Zero, c50 = S.Zero, c51 = S.Zero;
        V c60 = S.Zero, c61 = S.Zero, c70 = S.Zero, c71 = S.Zero, c80 = S.Zero, c81 = S.Zero;
        V c90 = S.Zero, c91 = S.Zero, cA0 = S.Zero, cA1 = S.Zero, cB0 = S.Zero, cB1 = S.Zero;
        nint rowA2 = 2 * rowA;
        float* a3 = a + (3 * rowA), a6 = a3 + (3 * rowA), a9 = a6 + (3 * rowA);
        byte* line = (byte*)c;
        nint down = stepC * sizeof(float);
        nint lines = R.Value;
        nint later = next.Count;
        do
        {
            nint steps = Math.Min(lines, k);
            k -= steps;
            for (; steps > 0; steps--)
            {
                V b0 = S.Load(b);
                V b1 = W.Value > 1 ? S.Load(b + S.Width) : S.Zero;
                if (Sse.IsSupported)
                {
                    if (L.Value == 1)
                    {
                        Sse.Prefetch0(a + (Ahead * stepA));
                    }

                    Sse.Prefetch0(line);
                    Sse.Prefetch0(line + GemmPrefetch.Line);
                }

                line += down;
                Step(a, 0, b0, b1, ref c00, ref c01);
                Step(L.Value == 1 ? a + 1 : a + rowA, 1, b0, b1, ref c10, ref c11);
                Step(L.Value == 1 ? a + 2 : a + rowA2, 2, b0, b1, ref c20, ref c21);
                Step(L.Value == 1 ? a + 3 : a3, 3, b0, b1, ref c30, ref c31);
                Step(L.Value == 1 ? a + 4 : a3 + rowA, 4, b0, b1, ref c40, ref c41);
                Step(L.Value == 1 ? a + 5 : a3 + rowA2, 5, b0, b1, ref c50, ref c51);
                Step(L.Value == 1 ? a + 6 : a6, 6, b0, b1, ref c60, ref c61);
                Step(L.Value == 1 ? a + 7 : a6 + rowA, 7, b0, b1, ref c70, ref c71);
                Step(L.Value == 1 ? a + 8 : a6 + rowA2, 8, b0, b1, ref c80, ref c81);
                Step(L.Value == 1 ? a + 9 : a9, 9, b0, b1, ref c90, ref c91);
                Step(L.Value == 1 ? a + 10 : a9 + rowA, 10, b0, b1, ref cA0, ref cA1);
                Step(L.Value == 1 ? a + 11 : a9 + rowA2, 11, b0, b1, ref cB0, ref cB1);
                a += stepA;
                a3 += stepA;
                a6 += stepA;
                a9 += stepA;
                b += stepB;
            }

            // Then what comes next, then nothing new.
            line = later > 0 ? (byte*)next.First : (byte*)c;
            down = later > 0 ? next.Step : 0;
            lines = later > 0 ? later : k;
            later = 0;
        }
        while (k > 0);

        Put(0, c00, c01, c, stepC, addend, stepAddend);
        Put(1, c10, c11, c, stepC, addend, stepAddend);
        Put(2, c20, c21, c, stepC, addend, stepAddend);
        Put(3, c30, c31, c, stepC, addend, stepAddend);
        Put(4, c40, c41, c, stepC, addend, stepAddend);
        Put(5, c50, c51, c, stepC, addend, stepAddend);
        Put(6, c60, c61, c, stepC, addend, stepAddend);
        Put(7, c70, c71, c, stepC, addend, stepAddend);
        Put(8, c80, c81, c, stepC, addend, stepAddend);
        Put(9, c90, c91, c, stepC, addend, stepAddend);
        Put(10, cA0, cA1, c, stepC, addend, stepAddend);
        Put(11, cB0, cB1, c, stepC, addend, stepAddend);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(float* a, int row, V b0, V b1, ref V c0, ref V c1)
    {
        if (row < R.Value)
        {
            V x = S.Create(*a);
            c0 = S.Fma(x, b0, c0);
            if (W.Value > 1)
            {
                c1 = S.Fma(x, b1, c1);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(int row, V c0, V c1, float* c, nint stepC, float* addend, nint stepAddend)
    {
        if (row < R.Value)
        {
            c += row * stepC;
            addend += row * stepAddend;
            S.Store(c, S.Add(c0, S.Load(addend)));
            if (W.Value > 1)
            {
                S.Store(c + S.Width, S.Add(c1, S.Load(addend + S.Width)));
            }
        }
    }
}
