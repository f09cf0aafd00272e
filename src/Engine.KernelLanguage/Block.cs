namespace Engine.KernelLanguage;

/// <summary>
/// One lane's view of its block: who it is, and the collectives it shares with its fellow lanes.
/// With one lane every collective is the identity, which is how the CPU runs a kernel by default.
/// </summary>
public readonly struct Block
{
    /// <summary>Elements that one block handles in kernels over a flat range; see <see cref="Start"/>.</summary>
    public const int Span = 4096;

    private readonly BlockTeam? _team;

    /// <summary>A block of a single lane.</summary>
    /// <param name="index">The block's place in the grid.</param>
    public Block(long index)
    {
        Index = index;
        Size = 1;
    }

    internal Block(long index, int lane, BlockTeam team)
    {
        Index = index;
        Lane = lane;
        Size = team.Lanes;
        _team = team;
    }

    /// <summary>The block's place in the grid, from 0.</summary>
    public long Index { get; }

    /// <summary>This lane's place in the block, 0 to <see cref="Size"/> − 1.</summary>
    public int Lane { get; }

    /// <summary>Lanes in the block.</summary>
    public int Size { get; }

    /// <summary>This lane's first element of the block's share of a flat range.</summary>
    public long Start => (Index * Span) + Lane;

    /// <summary>The end (exclusive) of the block's share of a flat range of <paramref name="n"/> elements.</summary>
    public long End(long n) => Math.Min(n, (Index + 1) * Span);

    /// <summary>Blocks needed to cover a flat range of <paramref name="n"/> elements.</summary>
    public static long Cover(long n) => (n + Span - 1) / Span;

    /// <summary>Waits until every lane of the block is here; writes before it are visible after it.</summary>
    public void Barrier() => _team?.Barrier();

    /// <summary>The sum of <paramref name="value"/> over the lanes, added in lane order; every lane gets it.</summary>
    public float Sum(float value) => _team is null ? value : _team.Sum(Lane, value);

    /// <summary>The maximum of <paramref name="value"/> over the lanes; NaN wins, as in <see cref="KMath.Max"/>.</summary>
    public float Max(float value) => _team is null ? value : _team.Max(Lane, value);

    /// <summary>The smallest <paramref name="value"/> of the lanes; every lane gets it.</summary>
    public int Min(int value) => _team is null ? value : _team.Min(Lane, value);

    /// <summary>The sum of <paramref name="value"/> over the lanes below this one, added in lane order; 0 for lane 0.</summary>
    public float SumBelow(float value) => _team is null ? 0f : _team.SumBelow(Lane, value);
}
