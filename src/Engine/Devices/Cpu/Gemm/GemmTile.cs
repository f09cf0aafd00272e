using System.Runtime.CompilerServices;

namespace Engine;

/// <summary>One task of a chunk: a block of C from packed panels, register tile by register tile, with its epilogue.</summary>
internal static unsafe class GemmTile<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    /// <summary>The task's body for the workers.</summary>
    [SkipLocalsInit]
    public static void Run<T, TC>(void* state, long index, int worker)
        where T : unmanaged
        where TC : unmanaged
    {
        ref readonly GemmJob<T, TC> job = ref *(GemmJob<T, TC>*)state;
        int rows = GemmChunks<S, V>.TileRows;
        int columns = GemmChunks<S, V>.TileColumns;
        float* edge = stackalloc float[12 * 32];
        long top = index / job.TilesAcross * job.TileM;
        long left = index % job.TilesAcross * job.TileN;
        long bottom = Math.Min(top + job.TileM, job.ChunkM);
        long right = Math.Min(left + job.TileN, job.ChunkN);
        for (long start = 0; start < job.ChunkK; start += job.RunK)
        {
            nint run = (nint)Math.Min(job.RunK, job.ChunkK - start);
            bool first = job.Start + start == 0;
            bool last = job.Start + start + run == job.K;
            for (long j = left; j < right; j += columns)
            {
                int width = (int)Math.Min(columns, right - j);
                bool direct = job.DirectB && width == columns;
                float* b = direct
                    ? (float*)job.B + ((job.Start + start) * job.RowB) + job.Left + j
                    : job.PackedB + (j * job.ChunkK) + (start * columns);
                nint stepB = direct ? (nint)job.RowB : columns;
                TC* result = job.C + ((job.Top + top) * job.RowC) + job.Left + j;
                nint stepC = GemmJob<T, TC>.IsStaged ? (nint)job.RowSums : (nint)job.RowC;
                float* sums = GemmJob<T, TC>.IsStaged ? job.Sums + (top * stepC) + j : (float*)result;
                if (GemmJob<T, TC>.IsStaged && first && job.Accumulate)
                {
                    for (long i = 0; i < bottom - top; i++)
                    {
                        Stored<S, V>.Convert(result + (i * job.RowC), sums + (i * stepC), width);
                    }
                }

                float* c = sums;
                for (long i = top; i < bottom; i += rows, c += rows * stepC)
                {
                    float* a = job.PackedA + (i * job.ChunkK) + (start * rows);
                    int height = (int)Math.Min(rows, bottom - i);
                    float* addend = !first || job.Accumulate ? c : job.Bias != null ? job.Bias + job.Left + j : job.Zeros;
                    nint stepAddend = !first || job.Accumulate ? stepC : 0;
                    if (width % S.Width == 0 && IsTile(height))
                    {
                        Micro(height, width, run, a, b, stepB, c, stepC, addend, stepAddend);
                        continue;
                    }

                    Micro(TileOver(height), width, run, a, b, stepB, edge, columns, job.Zeros, 0);
                    if (addend == job.Zeros)
                    {
                        Copy(edge, columns, c, stepC, height, width);
                    }
                    else
                    {
                        Sum(edge, columns, addend, stepAddend, c, stepC, height, width);
                    }
                }

                if (last && (GemmJob<T, TC>.IsStaged || job.Activation != Activation.None || job.Pre != null))
                {
                    TC* pre = job.Pre == null ? null : job.Pre + (result - job.C);
                    GemmEpilogue<S, V>.Run(job.Activation, sums, stepC, result, pre, job.RowC, bottom - top, width);
                }
            }
        }
    }

    // Tiles of 12, 8 or 4 rows with AVX-512, of 6, 4 or 2 with narrower vectors.
    private static bool IsTile(int height) => S.Width == 16 ? height % 4 == 0 : height % 2 == 0;

    private static int TileOver(int height) => S.Width == 16 ? (height + 3) & ~3 : (height + 1) & ~1;

    private static void Micro(
        int height, int width, nint k, float* a, float* b, nint stepB, float* c, nint stepC, float* addend, nint stepAddend)
    {
        if (width > S.Width)
        {
            Micro<Two>(height, k, a, b, stepB, c, stepC, addend, stepAddend);
        }
        else
        {
            Micro<One>(height, k, a, b, stepB, c, stepC, addend, stepAddend);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Micro<W>(int height, nint k, float* a, float* b, nint stepB, float* c, nint stepC, float* addend, nint stepAddend)
        where W : struct, ICount
    {
        switch (height)
        {
            case 12:
                GemmMicro<S, V, Twelve, W>.Run(k, a, 12, b, stepB, c, stepC, addend, stepAddend);
                break;
            case 8:
                GemmMicro<S, V, Eight, W>.Run(k, a, 12, b, stepB, c, stepC, addend, stepAddend);
                break;
            case 6:
                GemmMicro<S, V, Six, W>.Run(k, a, 6, b, stepB, c, stepC, addend, stepAddend);
                break;
            case 4:
                GemmMicro<S, V, Four, W>.Run(k, a, S.Width == 16 ? 12 : 6, b, stepB, c, stepC, addend, stepAddend);
                break;
            default:
                GemmMicro<S, V, Two, W>.Run(k, a, 6, b, stepB, c, stepC, addend, stepAddend);
                break;
        }
    }

    private static void Copy(float* tile, long stepTile, float* c, long stepC, int height, int width)
    {
        for (int i = 0; i < height; i++, tile += stepTile, c += stepC)
        {
            for (int j = 0; j < width; j++)
            {
                c[j] = tile[j];
            }
        }
    }

    private static void Sum(float* tile, long stepTile, float* addend, long stepAddend, float* c, long stepC, int height, int width)
    {
        for (int i = 0; i < height; i++, tile += stepTile, addend += stepAddend, c += stepC)
        {
            for (int j = 0; j < width; j++)
            {
                c[j] = tile[j] + addend[j];
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

    private readonly struct Four : ICount
    {
        public static int Value => 4;
    }

    private readonly struct Six : ICount
    {
        public static int Value => 6;
    }

    private readonly struct Eight : ICount
    {
        public static int Value => 8;
    }

    private readonly struct Twelve : ICount
    {
        public static int Value => 12;
    }
}
