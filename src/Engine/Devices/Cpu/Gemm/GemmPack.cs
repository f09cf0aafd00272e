using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Engine;

/// <summary>
/// Copies operands into float32 panels, the order in which the innermost loop reads them: for each k, the elements of
/// <c>width</c> neighbouring rows of A (or columns of B) side by side. Places beyond the operand's edge are zero.
/// </summary>
internal static unsafe class GemmPack<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    /// <summary>One panel.</summary>
    /// <param name="source">Element (0, 0) of the panel in the operand.</param>
    /// <param name="across">Elements from one row of A (column of B) to the next.</param>
    /// <param name="along">Elements from one k to the next.</param>
    /// <param name="present">Rows (columns) that the operand has here; at most <paramref name="width"/>.</param>
    /// <param name="width">Rows (columns) of a panel.</param>
    /// <param name="k">Length along k.</param>
    /// <param name="target">width·k floats.</param>
    public static void Panel<T>(T* source, long across, long along, int present, int width, long k, float* target)
        where T : unmanaged
    {
        if (present == width && across == 1)
        {
            Rows(source, along, width, k, target);
        }
        else if (along == 1)
        {
            Transposed(source, across, present, width, k, target);
        }
        else
        {
            for (long i = 0; i < k; i++, source += along, target += width)
            {
                One(source, across, present, width, target);
            }
        }
    }

    private static void Rows<T>(T* source, long along, int width, long k, float* target)
        where T : unmanaged
    {
        if (width == 2 * S.Width)
        {
            for (long i = 0; i < k; i++, source += along, target += width)
            {
                S.Store(target, Stored<S, V>.Load(source));
                S.Store(target + S.Width, Stored<S, V>.Load(source + S.Width));
            }

            return;
        }

        // Whole vectors are copied, of which the next step overwrites what is too much, as long as they end within the panel.
        for (; k * width >= S.Width && S.Width >= width && along >= S.Width && k > 1; k--, source += along, target += width)
        {
            S.Store(target, Stored<S, V>.Load(source));
        }

        for (; k > 0; k--, source += along, target += width)
        {
            int x = 0;
            for (; x + 4 <= width; x += 4)
            {
                Vector128.Store(Stored<Simd128, Vector128<float>>.Load(source + x), target + x);
            }

            for (; x < width; x++)
            {
                target[x] = Stored<S, V>.One(source + x);
            }
        }
    }

    // Sixteen steps of k, one cache line of every row, are finished before the next are begun: rows whose distance is a
    // power of two would otherwise push each other out of the cache.
    private static void Transposed<T>(T* source, long across, int present, int width, long k, float* target)
        where T : unmanaged
    {
        const long Line = 16;
        long whole = k & ~3;
        for (long start = 0; start < whole; start += Line)
        {
            long end = Math.Min(start + Line, whole);
            int x = 0;
            for (; x + 4 <= present; x += 4)
            {
                T* s = source + (x * across) + start;
                float* t = target + (start * width) + x;
                for (long i = start; i < end; i += 4, s += 4, t += 4 * width)
                {
                    Transpose4(s, across, t, width);
                }
            }

            for (; x + 2 <= present; x += 2)
            {
                T* s = source + (x * across) + start;
                float* t = target + (start * width) + x;
                for (long i = start; i < end; i += 4, s += 4, t += 4 * width)
                {
                    Transpose2(s, across, t, width);
                }
            }

            for (; x < width; x++)
            {
                float* t = target + (start * width) + x;
                for (long i = start; i < end; i++, t += width)
                {
                    *t = x < present ? Stored<S, V>.One(source + (x * across) + i) : 0f;
                }
            }
        }

        for (long i = whole; i < k; i++)
        {
            One(source + i, across, present, width, target + (i * width));
        }
    }

    private static void One<T>(T* source, long across, int present, int width, float* target)
        where T : unmanaged
    {
        for (int x = 0; x < present; x++)
        {
            target[x] = Stored<S, V>.One(source + (x * across));
        }

        for (int x = present; x < width; x++)
        {
            target[x] = 0f;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose4<T>(T* source, long step, float* target, long width)
        where T : unmanaged
    {
        Vector128<float> a = Stored<Simd128, Vector128<float>>.Load(source);
        Vector128<float> b = Stored<Simd128, Vector128<float>>.Load(source + step);
        Vector128<float> c = Stored<Simd128, Vector128<float>>.Load(source + (2 * step));
        Vector128<float> d = Stored<Simd128, Vector128<float>>.Load(source + (3 * step));
        Vector128<float> ac0 = Low(a, c), ac1 = High(a, c), bd0 = Low(b, d), bd1 = High(b, d);
        Vector128.Store(Low(ac0, bd0), target);
        Vector128.Store(High(ac0, bd0), target + width);
        Vector128.Store(Low(ac1, bd1), target + (2 * width));
        Vector128.Store(High(ac1, bd1), target + (3 * width));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose2<T>(T* source, long step, float* target, long width)
        where T : unmanaged
    {
        Vector128<float> a = Stored<Simd128, Vector128<float>>.Load(source);
        Vector128<float> b = Stored<Simd128, Vector128<float>>.Load(source + step);
        Vector128<float> ab0 = Low(a, b), ab1 = High(a, b);
        Vector64.Store(ab0.GetLower(), target);
        Vector64.Store(ab0.GetUpper(), target + width);
        Vector64.Store(ab1.GetLower(), target + (2 * width));
        Vector64.Store(ab1.GetUpper(), target + (3 * width));
    }

    // (a0, b0, a1, b1)
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Low(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.UnpackLow(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(a, b)
        : Vector128.Create(a[0], b[0], a[1], b[1]);

    // (a2, b2, a3, b3)
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> High(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.UnpackHigh(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(a, b)
        : Vector128.Create(a[2], b[2], a[3], b[3]);
}
