using Engine.KernelLanguage;

namespace Engine;

/// <summary>
/// A reproducible stream of random numbers: seed, stream number and position say everything, so a checkpoint stores
/// three integers and devices can draw any part of it in parallel (<see cref="Philox"/>).
/// </summary>
/// <param name="seed">The run's seed.</param>
/// <param name="stream">Which of the seed's independent streams.</param>
public sealed class RandomStream(ulong seed, ulong stream)
{
    /// <summary>The run's seed.</summary>
    public ulong Seed { get; } = seed;

    /// <summary>Which of the seed's independent streams.</summary>
    public ulong Stream { get; } = stream;

    /// <summary>Numbers drawn so far; settable, to resume.</summary>
    public ulong Position { get; set; }

    /// <summary>The next 32 random bits.</summary>
    public uint NextWord() => Philox.Word(Seed, Stream, Position++);

    /// <summary>Uniform in [0, 1).</summary>
    public float NextUniform() => Philox.Uniform(Seed, Stream, Position++);

    /// <summary>Uniform in 0 … <paramref name="bound"/> − 1, without modulo bias worth noting (64-bit multiply-shift).</summary>
    public long NextInt(long bound)
    {
        ulong bits = ((ulong)NextWord() << 32) | NextWord();
        return (long)Math.BigMul(bits, (ulong)bound, out _);
    }

    /// <summary>Standard normal, by the Box–Muller transform; takes two numbers.</summary>
    public float NextNormal()
    {
        double u = 1.0 - NextUniform();
        double v = NextUniform();
        return (float)(Math.Sqrt(-2.0 * Math.Log(u)) * Math.Cos(2.0 * Math.PI * v));
    }

    /// <summary>Reserves <paramref name="count"/> numbers for a kernel and returns the position of the first.</summary>
    public ulong Reserve(long count)
    {
        ulong first = Position;
        Position += (ulong)count;
        return first;
    }
}
