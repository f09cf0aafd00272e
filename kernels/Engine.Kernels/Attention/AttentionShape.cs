namespace Engine.Kernels;

/// <summary>Where the rows of a (B, H, T, D) operand lie: steps in elements for one more batch, head and row.</summary>
/// <param name="Batch">From one batch to the next.</param>
/// <param name="Head">From one head to the next.</param>
/// <param name="Row">From one row to the next; within a row the elements are adjacent.</param>
public readonly record struct HeadLayout(long Batch, long Head, long Row)
{
    /// <summary>The offset of row <paramref name="t"/>.</summary>
    public long At(long b, long h, long t) => (b * Batch) + (h * Head) + (t * Row);
}

/// <summary>
/// The sizes of an attention and which keys a query may see. Query i stands at position i + Tk − Tq: the last query is level
/// with the last key, so that new queries can follow a cache of old keys.
/// </summary>
/// <param name="B">Batches.</param>
/// <param name="Hq">Heads of q and of the result.</param>
/// <param name="Hk">Heads of k and v, a divisor of Hq; query head h reads key head h / (Hq/Hk).</param>
/// <param name="Tq">Queries.</param>
/// <param name="Tk">Keys.</param>
/// <param name="D">Head size.</param>
/// <param name="Scale">What scores are multiplied by.</param>
/// <param name="Causal">Position p sees keys 0 … p.</param>
/// <param name="Window">If positive, position p sees keys p − Window + 1 … p.</param>
public readonly record struct AttentionShape(int B, int Hq, int Hk, int Tq, int Tk, int D, float Scale, bool Causal, int Window)
{
    /// <summary>Query heads that share one key head.</summary>
    public int Group => Hq / Hk;

    /// <summary>Whether no query sees a key after it.</summary>
    public bool LooksBack => Causal || Window > 0;

    /// <summary>The first key that query <paramref name="i"/> sees.</summary>
    public int FirstKey(int i) => Window > 0 ? Math.Max(0, i + Tk - Tq - Window + 1) : 0;

    /// <summary>One past the last key that query <paramref name="i"/> sees.</summary>
    public int EndKey(int i) => LooksBack ? Math.Max(0, i + Tk - Tq + 1) : Tk;

    /// <summary>Pairs of a query and a key that it sees, over all batches and heads; keys masked one by one count.</summary>
    public double Pairs
    {
        get
        {
            long pairs = 0;
            for (int i = 0; i < Tq; i++)
            {
                pairs += Math.Max(0, EndKey(i) - FirstKey(i));
            }

            return (double)pairs * B * Hq;
        }
    }

    /// <summary>Elements of q, and of o.</summary>
    public long Queries => (long)B * Hq * Tq * D;

    /// <summary>Elements of k, and of v.</summary>
    public long Keys => (long)B * Hk * Tk * D;

    /// <summary>The first query that sees key <paramref name="j"/>.</summary>
    public int FirstQuery(int j) => LooksBack ? Math.Max(0, j - (Tk - Tq)) : 0;

    /// <summary>One past the last query that sees key <paramref name="j"/>.</summary>
    public int EndQuery(int j) => Window > 0 ? Math.Max(0, Math.Min(Tq, j - (Tk - Tq) + Window)) : Tq;
}
