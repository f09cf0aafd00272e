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
    [Intrinsic("eng_block()", "eng_block()")]
    public long Index { get; }

    /// <summary>This lane's place in the block, 0 to <see cref="Size"/> − 1.</summary>
    [Intrinsic("eng_lane()", "eng_lane()", PerLane = true)]
    public int Lane { get; }

    /// <summary>Lanes in the block.</summary>
    [Intrinsic("LANES", "LANES")]
    public int Size { get; }

    /// <summary>
    /// The lane's warp: the lanes that run in step and share <see cref="Fragment"/>s. Where the hardware has none, and in
    /// C#, every lane is a warp of its own.
    /// </summary>
    [Intrinsic("eng_warp()", "eng_lane()", PerLane = true)]
    public int Warp => Lane;

    /// <summary>Warps in the block.</summary>
    [Intrinsic("ENG_WARPS", "LANES")]
    public int Warps => Size;

    /// <summary>This lane's first element of the block's share of a flat range.</summary>
    [Intrinsic("eng_start()", "eng_start()", PerLane = true)]
    public long Start => (Index * Span) + Lane;

    /// <summary>The end (exclusive) of the block's share of a flat range of <paramref name="n"/> elements.</summary>
    [Intrinsic("eng_end", "eng_end")]
    public long End(long n) => Math.Min(n, (Index + 1) * Span);

    /// <summary>Blocks needed to cover a flat range of <paramref name="n"/> elements.</summary>
    public static long Cover(long n) => (n + Span - 1) / Span;

    /// <summary>Waits until every lane of the block is here; writes before it are visible after it.</summary>
    [Intrinsic("eng_barrier", "eng_barrier", Collective = true)]
    public void Barrier() => _team?.Barrier();

    /// <summary>The sum of <paramref name="value"/> over the lanes, added in an order that depends on the device
    /// but not on the run; every lane gets it.</summary>
    [Intrinsic("eng_block_sum", "eng_block_sum", Collective = true, Scratch = true)]
    public float Sum(float value) => _team is null ? value : _team.Sum(Lane, value);

    /// <summary>The maximum of <paramref name="value"/> over the lanes; NaN wins, as in <see cref="KMath.Max"/>.</summary>
    [Intrinsic("eng_block_max", "eng_block_max", Collective = true, Scratch = true)]
    public float Max(float value) => _team is null ? value : _team.Max(Lane, value);

    /// <summary>The smallest <paramref name="value"/> of the lanes; every lane gets it.</summary>
    [Intrinsic("eng_block_min", "eng_block_min", Collective = true, Scratch = true)]
    public int Min(int value) => _team is null ? value : _team.Min(Lane, value);

    /// <summary>The sum of <paramref name="value"/> over the lanes below this one, added in lane order; 0 for lane 0.</summary>
    [Intrinsic("eng_block_sum_below", "eng_block_sum_below", Collective = true, Scratch = true, PerLane = true)]
    public float SumBelow(float value) => _team is null ? 0f : _team.SumBelow(Lane, value);

    /// <summary>
    /// Makes one lane's stack array the block's: <c>Span&lt;float&gt; tile = b.Shared(stackalloc float[N])</c>, at the top of
    /// Execute. Every lane then sees the same memory, which is not cleared; barriers order writes and reads.
    /// </summary>
    /// <param name="own">The lane's own array, taken if it is lane 0's.</param>
    public Span<T> Shared<T>(Span<T> own)
        where T : unmanaged => _team is null ? own : _team.Share(Lane, own);

    /// <summary>
    /// The bound of a loop that device compilers shall unroll: <c>for (int i = 0; i &lt; Block.Unroll(8); i++)</c>.
    /// </summary>
    /// <param name="n">How often the loop runs; a constant or a [Specialize] parameter.</param>
    public static int Unroll(int n) => n;
}
