namespace Engine.Benchmarks;

/// <summary>Who does the work of a case; the rows of its table.</summary>
public enum Contestant
{
    /// <summary>A plain scalar loop, as it would be written first.</summary>
    Naive,

    /// <summary>The kernels' own bodies, one thread.</summary>
    Body,

    /// <summary>The SIMD overrides at the widest level of the machine, one thread.</summary>
    Simd,

    /// <summary>The same on every processor.</summary>
    SimdAllThreads,

    /// <summary>Somebody else's library, one thread.</summary>
    Rival,
}
