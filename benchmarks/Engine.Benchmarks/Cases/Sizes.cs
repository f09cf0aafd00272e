namespace Engine.Benchmarks;

/// <summary>Whether cases have the sizes that are timed, or small ones whose results a test compares.</summary>
public readonly record struct Sizes(bool IsFull)
{
    /// <summary>The sizes that are timed: beyond the caches.</summary>
    public static Sizes Full => new(true);

    /// <summary>The sizes that a test can afford, with vector tails.</summary>
    public static Sizes Small => new(false);

    /// <summary>One of the two.</summary>
    public int Of(int full, int small) => IsFull ? full : small;
}
