using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Engine;

/// <summary>Pairs of cache lines, one below the other: what one register tile fetches, a pair with each step of k.</summary>
/// <param name="First">The first pair.</param>
/// <param name="Step">Bytes from one pair to the next.</param>
/// <param name="Count">How many; none is the default.</param>
internal readonly unsafe record struct GemmLines(nint First, nint Step, nint Count);

/// <summary>
/// Brings a part of an operand into the caches before it is packed: all at once, or some lines with each register tile while the
/// part before is multiplied. Packing touches a few lines in each of many pages, which the hardware does not foresee; one by
/// one they would cost a trip to memory each. Where the machine has no such instruction nothing happens.
/// </summary>
internal unsafe struct GemmPrefetch
{
    /// <summary>Bytes of a cache line.</summary>
    public const int Line = 64;

    private const int Pair = 2 * Line;

    private byte* _pair;
    private long _step;
    private long _rows;
    private long _share;
    private long _row;
    private long _pairs;

    /// <summary>Fetches all of a part of an operand.</summary>
    /// <param name="from">Its first element.</param>
    /// <param name="across">Elements from one row of A (column of B) to the next.</param>
    /// <param name="along">Elements from one k to the next.</param>
    /// <param name="width">Rows of A (columns of B).</param>
    /// <param name="k">Length along k.</param>
    public static void All<T>(T* from, long across, long along, long width, long k)
        where T : unmanaged
    {
        GemmPrefetch part = Over(from, across, along, width, k, 1);
        for (long i = 0; Sse.IsSupported && i < part._rows; i++, part._pair += part._step)
        {
            // A row that does not begin with a line touches one more.
            for (long j = 0; j <= part._pairs * Pair; j += Line)
            {
                Sse.Prefetch1(part._pair + j);
            }
        }
    }

    /// <summary>The same in parts, one for each of some tiles; see <see cref="All"/>.</summary>
    public static GemmPrefetch Over<T>(T* from, long across, long along, long width, long k, long tiles)
        where T : unmanaged
    {
        GemmPrefetch part = default;
        if (across != 1 && along != 1)
        {
            return part;
        }

        part._pair = (byte*)from;
        part._step = (across == 1 ? along : across) * sizeof(T);
        part._rows = across == 1 ? k : width;
        part._pairs = (((across == 1 ? width : k) * sizeof(T)) + Pair - 1) / Pair;
        long tilesOfPair = Math.Max(1, tiles / part._pairs);
        part._share = (part._rows + tilesOfPair - 1) / tilesOfPair;
        return part;
    }

    /// <summary>What the next tile fetches.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public GemmLines Next()
    {
        if (_pairs == 0)
        {
            return default;
        }

        GemmLines lines = new((nint)(_pair + (_row * _step)), (nint)_step, (nint)Math.Min(_share, _rows - _row));
        _row += _share;
        if (_row >= _rows)
        {
            _row = 0;
            _pair += Pair;
            _pairs--;
        }

        return lines;
    }
}
