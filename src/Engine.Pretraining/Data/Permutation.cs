using System.Numerics;
using Engine.KernelLanguage;

namespace Engine.Pretraining.Data;

/// <summary>
/// A shuffle of 0 … n − 1 that is computed, not stored: a Feistel network with Philox as round function permutes the next
/// power of four, and values beyond n − 1 are sent through again until they fall inside ("cycle walking": Black and Rogaway,
/// "Ciphers with arbitrary finite domains", 2002). On average that takes fewer than four passes.
/// </summary>
/// <param name="count">n.</param>
/// <param name="seed">The run's seed.</param>
/// <param name="number">Which of the seed's permutations, for example the epoch.</param>
internal readonly struct Permutation(long count, ulong seed, ulong number)
{
    /// <summary>Keeps the counters apart from those of the seed's other streams ("SHUF").</summary>
    private const uint Stream = 0x46_55_48_53;

    /// <summary>Four rounds make a Feistel network a strong permutation (Luby and Rackoff 1988); small halves want more.</summary>
    private const int Rounds = 8;

    /// <summary>Bits of each half: 4^half ≥ n.</summary>
    private readonly int _half = (BitOperations.Log2((ulong)Math.Max(count - 1, 1)) / 2) + 1;

    /// <summary>n.</summary>
    public long Count => count;

    /// <summary>The value at a place, both 0 … n − 1.</summary>
    public long At(long place)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(place);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(place, count);
        ulong value = (ulong)place;
        do
        {
            value = Encrypt(value);
        }
        while (value >= (ulong)count);

        return (long)value;
    }

    private ulong Encrypt(ulong value)
    {
        uint mask = (uint)((1UL << _half) - 1);
        uint left = (uint)(value >> _half);
        uint right = (uint)value & mask;
        for (uint round = 0; round < Rounds; round++)
        {
            // The key of the permutation is the seed; counter words: half, round, number of the permutation, stream.
            Philox.Words words = Philox.Rounds(right, round, (uint)number, (uint)(number >> 32) ^ Stream, (uint)seed, (uint)(seed >> 32));
            (left, right) = (right, left ^ (words.X & mask));
        }

        return ((ulong)left << _half) | right;
    }
}
