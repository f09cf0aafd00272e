using System.Runtime.CompilerServices;

namespace Engine;

/// <summary>One register tile of any height and width up to the largest: picks the innermost loop that covers it.</summary>
internal static unsafe class GemmTile<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    /// <summary>c = a·b + addend for a tile; a and b are panels whose places beyond the tile are zero.</summary>
    /// <param name="height">Rows of the tile.</param>
    /// <param name="width">Columns of the tile.</param>
    /// <param name="k">Length of the sum.</param>
    /// <param name="a">The panel of A.</param>
    /// <param name="b">The panel of B.</param>
    /// <param name="c">The result.</param>
    /// <param name="stepC">Floats from row to row of c.</param>
    /// <param name="addend">What is added; may be c itself.</param>
    /// <param name="stepAddend">Floats from row to row of the addend; 0 for one row that all share.</param>
    /// <param name="edge">Memory for the largest tile and, behind it, a row of zeros; used where no loop fits exactly.</param>
    /// <param name="next">What is fetched meanwhile.</param>
    public static void Run(
        int height, int width, nint k, float* a, float* b, float* c, nint stepC, float* addend, nint stepAddend, float* edge, in GemmLines next)
    {
        if (width % S.Width == 0 && IsTile(height))
        {
            Micro(height, width, k, a, b, c, stepC, addend, stepAddend, next);
            return;
        }

        int columns = 2 * S.Width;
        float* zeros = edge + (12 * columns);
        Micro(TileOver(height), width, k, a, b, edge, columns, zeros, 0, next);
        for (int i = 0; i < height; i++, edge += columns, addend += stepAddend, c += stepC)
        {
            for (int j = 0; j < width; j += S.Width)
            {
                int n = Math.Min(S.Width, width - j);
                S.Store(c + j, S.Add(S.Load(edge + j), S.Load(addend + j, n)), n);
            }
        }
    }

    // Tiles of 12, 8 or 4 rows with AVX-512, of 6, 4 or 2 with narrower vectors.
    private static bool IsTile(int height) => S.Width == 16 ? height % 4 == 0 : height % 2 == 0;

    private static int TileOver(int height) => S.Width == 16 ? (height + 3) & ~3 : (height + 1) & ~1;

    private static void Micro(
        int height, int width, nint k, float* a, float* b, float* c, nint stepC, float* addend, nint stepAddend, in GemmLines next)
    {
        if (width > S.Width)
        {
            Micro<Two>(height, k, a, b, c, stepC, addend, stepAddend, next);
        }
        else
        {
            Micro<One>(height, k, a, b, c, stepC, addend, stepAddend, next);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Micro<W>(int height, nint k, float* a, float* b, float* c, nint stepC, float* addend, nint stepAddend, in GemmLines next)
        where W : struct, ICount
    {
        switch (height)
        {
            case 12:
                GemmMicro<S, V, Twelve, W>.Run(k, a, 12, b, c, stepC, addend, stepAddend, next);
                break;
            case 8:
                GemmMicro<S, V, Eight, W>.Run(k, a, 12, b, c, stepC, addend, stepAddend, next);
                break;
            case 6:
                GemmMicro<S, V, Six, W>.Run(k, a, 6, b, c, stepC, addend, stepAddend, next);
                break;
            case 4:
                GemmMicro<S, V, Four, W>.Run(k, a, S.Width == 16 ? 12 : 6, b, c, stepC, addend, stepAddend, next);
                break;
            default:
                GemmMicro<S, V, Two, W>.Run(k, a, 6, b, c, stepC, addend, stepAddend, next);
                break;
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
