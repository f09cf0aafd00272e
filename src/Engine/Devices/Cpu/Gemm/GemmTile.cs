namespace Engine;

/// <summary>One register tile of any height and width up to the largest: picks the innermost loop that covers it.</summary>
internal static unsafe class GemmTile<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    /// <summary>
    /// c = a·b + addend for a tile. Places of a packed panel beyond the tile are zero; instead of rows below a tile of A where it lies,
    /// those above it, which exist, are multiplied too.
    /// </summary>
    /// <param name="height">Rows of the tile.</param>
    /// <param name="width">Columns of the tile.</param>
    /// <param name="k">Length of the sum.</param>
    /// <param name="a">The panel of A.</param>
    /// <param name="rowA">Floats from row to row of a.</param>
    /// <param name="stepA">Floats from one k to the next in a.</param>
    /// <param name="b">The panel of B.</param>
    /// <param name="stepB">Floats from one k to the next in b.</param>
    /// <param name="c">The result.</param>
    /// <param name="stepC">Floats from row to row of c.</param>
    /// <param name="addend">What is added; may be c itself.</param>
    /// <param name="stepAddend">Floats from row to row of the addend; 0 for one row that all share.</param>
    /// <param name="edge">Memory for the largest tile and, behind it, a row of zeros; used where no loop fits exactly.</param>
    /// <param name="packed">Whether a is a packed panel.</param>
    /// <param name="next">What is fetched meanwhile.</param>
    public static void Run(
        int height, int width, nint k, float* a, nint rowA, nint stepA, float* b, nint stepB, float* c, nint stepC, float* addend, nint stepAddend, float* edge,
        bool packed, in GemmLines next)
    {
        if (width % S.Width == 0 && IsTile(height))
        {
            Micro(height, width, k, a, rowA, stepA, b, stepB, c, stepC, addend, stepAddend, next);
            return;
        }

        int columns = 2 * S.Width;
        float* zeros = edge + (12 * columns);
        int above = packed ? 0 : TileOver(height) - height;
        Micro(TileOver(height), width, k, a - (above * rowA), rowA, stepA, b, stepB, edge, columns, zeros, 0, next);
        edge += above * columns;
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
        int height, int width, nint k, float* a, nint rowA, nint stepA, float* b, nint stepB, float* c, nint stepC, float* addend, nint stepAddend,
        in GemmLines next)
    {
        if (rowA != 1)
        {
            Micro<Two, Two>(height, width, k, a, rowA, stepA, b, stepB, c, stepC, addend, stepAddend, next);
        }
        else
        {
            Micro<Two, One>(height, width, k, a, rowA, stepA, b, stepB, c, stepC, addend, stepAddend, next);
        }
    }

    private static void Micro<W, L>(
        int height, int width, nint k, float* a, nint rowA, nint stepA, float* b, nint stepB, float* c, nint stepC, float* addend, nint stepAddend,
        in GemmLines next)
        where W : struct, ICount
        where L : struct, ICount
    {
        if (width <= S.Width && W.Value == 2)
        {
            Micro<One, L>(height, width, k, a, rowA, stepA, b, stepB, c, stepC, addend, stepAddend, next);
            return;
        }

        switch (height)
        {
            case 12:
                GemmMicro<S, V, Twelve, W>.Run<L>(k, a, rowA, stepA, b, stepB, c, stepC, addend, stepAddend, next);
                break;
            case 8:
                GemmMicro<S, V, Eight, W>.Run<L>(k, a, rowA, stepA, b, stepB, c, stepC, addend, stepAddend, next);
                break;
            case 6:
                GemmMicro<S, V, Six, W>.Run<L>(k, a, rowA, stepA, b, stepB, c, stepC, addend, stepAddend, next);
                break;
            case 4:
                GemmMicro<S, V, Four, W>.Run<L>(k, a, rowA, stepA, b, stepB, c, stepC, addend, stepAddend, next);
                break;
            default:
                GemmMicro<S, V, Two, W>.Run<L>(k, a, rowA, stepA, b, stepB, c, stepC, addend, stepAddend, next);
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
