namespace Engine.KernelLanguage;

/// <summary>
/// Philox4x32-10, a counter-based random number generator (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy
/// as 1, 2, 3", SC 2011): the n-th number is a pure function of key and n, so every device and thread count draws the
/// same stream and the state in a checkpoint is a few integers.
/// </summary>
public static class Philox
{
    /// <summary>Four 32-bit random words.</summary>
    /// <param name="X">Word 0.</param>
    /// <param name="Y">Word 1.</param>
    /// <param name="Z">Word 2.</param>
    /// <param name="W">Word 3.</param>
    public readonly record struct Words(uint X, uint Y, uint Z, uint W);

    /// <summary>The ten rounds of the paper on a 128-bit counter and a 64-bit key.</summary>
    public static Words Rounds(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1)
    {
        for (int round = 0; round < 10; round++)
        {
            ulong p0 = 0xD2511F53UL * c0;
            ulong p1 = 0xCD9E8D57UL * c2;
            c0 = (uint)(p1 >> 32) ^ c1 ^ k0;
            c1 = (uint)p1;
            c2 = (uint)(p0 >> 32) ^ c3 ^ k1;
            c3 = (uint)p0;
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }

        return new Words(c0, c1, c2, c3);
    }

    /// <summary>Four words of stream <paramref name="stream"/> under <paramref name="seed"/>, at <paramref name="counter"/>.</summary>
    [Intrinsic("eng_philox_at", "eng_philox_at")]
    public static Words At(ulong seed, ulong stream, ulong counter) =>
        Rounds((uint)counter, (uint)(counter >> 32), (uint)stream, (uint)(stream >> 32), (uint)seed, (uint)(seed >> 32));

    /// <summary>Word <paramref name="index"/> of a stream: word index mod 4 of counter index / 4.</summary>
    [Intrinsic("eng_philox_word", "eng_philox_word")]
    public static uint Word(ulong seed, ulong stream, ulong index)
    {
        Words w = At(seed, stream, index >> 2);
        return (index & 3) switch { 0 => w.X, 1 => w.Y, 2 => w.Z, _ => w.W };
    }

    /// <summary>Number <paramref name="index"/> of a stream, uniform in [0, 1).</summary>
    [Intrinsic("eng_philox_uniform", "eng_philox_uniform")]
    public static float Uniform(ulong seed, ulong stream, ulong index) => ToUniform(Word(seed, stream, index));

    /// <summary>A word as a number in [0, 1): its upper 24 bits, so that every value is exact in float32.</summary>
    [Intrinsic("eng_philox_to_uniform", "eng_philox_to_uniform")]
    public static float ToUniform(uint word) => (word >> 8) * (1f / 16777216f);
}
