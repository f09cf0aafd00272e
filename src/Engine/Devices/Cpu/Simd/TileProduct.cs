using System.Runtime.CompilerServices;

namespace Engine;

/// <summary>
/// C = A·B or C += A·B for small matrices that are in cache, one panel of columns (<see cref="Columns"/> wide) at a time. Element
/// (r, t) of A is at a + r·rowStep + t·depthStep, so A may be read along rows or along columns; the rows of B and C are contiguous.
/// The accumulators of a group of rows stay in registers: each step loads two vectors of B and one number of A for each row.
/// </summary>
internal static unsafe class TileProduct<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    /// <summary>Columns of a panel: two vectors.</summary>
    public static int Columns => 2 * S.Width;

    /// <summary>Rows that fill the registers: 32 vector registers hold eight rows of a panel, 16 hold four.</summary>
    public static int Group => S.Width == 16 ? 8 : 4;

    /// <summary>One panel of <paramref name="rows"/> rows; <paramref name="depth"/> products are added in each place.</summary>
    public static void Panel(
        float* a, long rowStep, long depthStep, float* b, long bStride, float* c, long cStride, int rows, int depth, bool accumulate)
    {
        int r = 0;
        if (Group == 8)
        {
            for (; r + 8 <= rows; r += 8)
            {
                Rows8(a + (r * rowStep), rowStep, depthStep, b, bStride, c + (r * cStride), cStride, depth, accumulate);
            }
        }

        for (; r + 4 <= rows; r += 4)
        {
            Rows4(a + (r * rowStep), rowStep, depthStep, b, bStride, c + (r * cStride), cStride, depth, accumulate);
        }

        for (; r < rows; r++)
        {
            Row(a + (r * rowStep), depthStep, b, bStride, c + (r * cStride), depth, accumulate);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Rows8(
        float* a, long rowStep, long depthStep, float* b, long bStride, float* c, long cStride, int depth, bool accumulate)
    {
        float* c4 = c + (4 * cStride);
        V c00, c01, c10, c11, c20, c21, c30, c31, c40, c41, c50, c51, c60, c61, c70, c71;
        if (accumulate)
        {
            Load(c, out c00, out c01);
            Load(c + cStride, out c10, out c11);
            Load(c + (2 * cStride), out c20, out c21);
            Load(c + (3 * cStride), out c30, out c31);
            Load(c4, out c40, out c41);
            Load(c4 + cStride, out c50, out c51);
            Load(c4 + (2 * cStride), out c60, out c61);
            Load(c4 + (3 * cStride), out c70, out c71);
        }
        else
        {
            c00 = c01 = c10 = c11 = c20 = c21 = c30 = c31 = S.Zero;
            c40 = c41 = c50 = c51 = c60 = c61 = c70 = c71 = S.Zero;
        }

        float* a1 = a + rowStep;
        float* a2 = a1 + rowStep;
        float* a3 = a2 + rowStep;
        float* a4 = a3 + rowStep;
        float* a5 = a4 + rowStep;
        float* a6 = a5 + rowStep;
        float* a7 = a6 + rowStep;
        long end = depth * depthStep;
        for (long t = 0; t != end; t += depthStep)
        {
            V b0 = S.Load(b);
            V b1 = S.Load(b + S.Width);
            Step(a[t], b0, b1, ref c00, ref c01);
            Step(a1[t], b0, b1, ref c10, ref c11);
            Step(a2[t], b0, b1, ref c20, ref c21);
            Step(a3[t], b0, b1, ref c30, ref c31);
            Step(a4[t], b0, b1, ref c40, ref c41);
            Step(a5[t], b0, b1, ref c50, ref c51);
            Step(a6[t], b0, b1, ref c60, ref c61);
            Step(a7[t], b0, b1, ref c70, ref c71);
            b += bStride;
        }

        Store(c, c00, c01);
        Store(c + cStride, c10, c11);
        Store(c + (2 * cStride), c20, c21);
        Store(c + (3 * cStride), c30, c31);
        Store(c4, c40, c41);
        Store(c4 + cStride, c50, c51);
        Store(c4 + (2 * cStride), c60, c61);
        Store(c4 + (3 * cStride), c70, c71);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Rows4(
        float* a, long rowStep, long depthStep, float* b, long bStride, float* c, long cStride, int depth, bool accumulate)
    {
        V c00, c01, c10, c11, c20, c21, c30, c31;
        if (accumulate)
        {
            Load(c, out c00, out c01);
            Load(c + cStride, out c10, out c11);
            Load(c + (2 * cStride), out c20, out c21);
            Load(c + (3 * cStride), out c30, out c31);
        }
        else
        {
            c00 = c01 = c10 = c11 = c20 = c21 = c30 = c31 = S.Zero;
        }

        float* a1 = a + rowStep;
        float* a2 = a1 + rowStep;
        float* a3 = a2 + rowStep;
        long end = depth * depthStep;
        for (long t = 0; t != end; t += depthStep)
        {
            V b0 = S.Load(b);
            V b1 = S.Load(b + S.Width);
            Step(a[t], b0, b1, ref c00, ref c01);
            Step(a1[t], b0, b1, ref c10, ref c11);
            Step(a2[t], b0, b1, ref c20, ref c21);
            Step(a3[t], b0, b1, ref c30, ref c31);
            b += bStride;
        }

        Store(c, c00, c01);
        Store(c + cStride, c10, c11);
        Store(c + (2 * cStride), c20, c21);
        Store(c + (3 * cStride), c30, c31);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Row(float* a, long depthStep, float* b, long bStride, float* c, int depth, bool accumulate)
    {
        V c0 = S.Zero;
        V c1 = S.Zero;
        if (accumulate)
        {
            Load(c, out c0, out c1);
        }

        for (int t = 0; t < depth; t++)
        {
            Step(*a, S.Load(b), S.Load(b + S.Width), ref c0, ref c1);
            a += depthStep;
            b += bStride;
        }

        Store(c, c0, c1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(float a, V b0, V b1, ref V c0, ref V c1)
    {
        V x = S.Create(a);
        c0 = S.Fma(x, b0, c0);
        c1 = S.Fma(x, b1, c1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Load(float* c, out V c0, out V c1)
    {
        c0 = S.Load(c);
        c1 = S.Load(c + S.Width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* c, V c0, V c1)
    {
        S.Store(c, c0);
        S.Store(c + S.Width, c1);
    }
}
