using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Engine;

/// <summary>Rows become columns, four by four in registers: to[c·toStride + r] = scale·from[r·fromStride + c].</summary>
internal static unsafe class Turning
{
    public static void Run(float* from, long fromStride, int rows, int columns, float scale, float* to, long toStride)
    {
        Vector128<float> factor = Vector128.Create(scale);
        int r = 0;
        for (; r + 4 <= rows; r += 4)
        {
            float* source = from + (r * fromStride);
            int c = 0;
            for (; c + 4 <= columns; c += 4)
            {
                Four(source + c, fromStride, factor, to + (c * toStride) + r, toStride);
            }

            Rest(source + c, fromStride, 4, columns - c, scale, to + (c * toStride) + r, toStride);
        }

        Rest(from + (r * fromStride), fromStride, rows - r, columns, scale, to + r, toStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four(float* from, long fromStride, Vector128<float> factor, float* to, long toStride)
    {
        Vector128<float> a = Vector128.Load(from) * factor;
        Vector128<float> b = Vector128.Load(from + fromStride) * factor;
        Vector128<float> c = Vector128.Load(from + (2 * fromStride)) * factor;
        Vector128<float> d = Vector128.Load(from + (3 * fromStride)) * factor;
        Vector128<float> acLow = ZipLow(a, c);
        Vector128<float> acHigh = ZipHigh(a, c);
        Vector128<float> bdLow = ZipLow(b, d);
        Vector128<float> bdHigh = ZipHigh(b, d);
        ZipLow(acLow, bdLow).Store(to);
        ZipHigh(acLow, bdLow).Store(to + toStride);
        ZipLow(acHigh, bdHigh).Store(to + (2 * toStride));
        ZipHigh(acHigh, bdHigh).Store(to + (3 * toStride));
    }

    private static void Rest(float* from, long fromStride, int rows, int columns, float scale, float* to, long toStride)
    {
        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < columns; c++)
            {
                to[(c * toStride) + r] = scale * from[(r * fromStride) + c];
            }
        }
    }

    // a₀ b₀ a₁ b₁.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> ZipLow(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.UnpackLow(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(a, b)
        : Vector128.Create(a[0], b[0], a[1], b[1]);

    // a₂ b₂ a₃ b₃.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> ZipHigh(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.UnpackHigh(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(a, b)
        : Vector128.Create(a[2], b[2], a[3], b[3]);
}
