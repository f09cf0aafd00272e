using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Engine;

/// <summary>
/// Brings a part of an operand to the second-level cache before it is packed: all at once, or a few lines before each register
/// tile while the part before is multiplied. Packing touches a few lines in each of many pages, which the hardware does not
/// foresee; one by one they would cost a trip to memory each. Where the machine has no such instruction nothing happens.
/// </summary>
internal unsafe struct GemmPrefetch
{
    /// <summary>Steps of k from which a tile takes long enough that fetching C for the one after it pays.</summary>
    public const long WorthwhileRun = 128;

    private const int Line = 64;

    private byte* _row;
    private long _step;
    private long _rows;
    private long _bytes;
    private long _at;
    private long _quota;

    /// <summary>Fetches all of a part of an operand.</summary>
    /// <param name="from">Its first element.</param>
    /// <param name="across">Elements from one row of A (column of B) to the next.</param>
    /// <param name="along">Elements from one k to the next.</param>
    /// <param name="width">Rows of A (columns of B).</param>
    /// <param name="k">Length along k.</param>
    public static void All<T>(T* from, long across, long along, long width, long k)
        where T : unmanaged => Over(from, across, along, width, k, 1).Advance();

    /// <summary>Fetches a part of an operand within a given number of <see cref="Advance"/>s; see <see cref="All"/>.</summary>
    public static GemmPrefetch Over<T>(T* from, long across, long along, long width, long k, long advances)
        where T : unmanaged
    {
        GemmPrefetch part = default;
        if (!Sse.IsSupported || (across != 1 && along != 1))
        {
            return part;
        }

        part._row = (byte*)from;
        part._step = (across == 1 ? along : across) * sizeof(T);
        part._rows = across == 1 ? k : width;
        part._bytes = (across == 1 ? width : k) * sizeof(T);

        // A row that does not begin with a line touches one more.
        long lines = part._rows * ((part._bytes / Line) + 1);
        part._quota = (lines + advances - 1) / advances;
        return part;
    }

    /// <summary>Fetches the next lines.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance()
    {
        for (long i = 0; i < _quota && _rows > 0; i++)
        {
            Sse.Prefetch1(_row + _at);
            _at += Line;
            if (_at >= _bytes)
            {
                _at = 0;
                _row += _step;
                _rows--;
            }
        }
    }

    /// <summary>Fetches two lines of each of some rows of C, as many as a register tile has at most.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Rows(float* c, nint step, int rows)
    {
        if (Sse.IsSupported)
        {
            for (int i = 0; i < rows; i++, c += step)
            {
                Sse.Prefetch0(c);
                Sse.Prefetch0(c + (Line / sizeof(float)));
            }
        }
    }
}
