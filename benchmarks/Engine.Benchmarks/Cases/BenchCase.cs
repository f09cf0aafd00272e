using Engine.KernelLanguage;

namespace Engine.Benchmarks;

/// <summary>A piece of work at one shape, which several contestants do.</summary>
/// <param name="name">What is done, and at which shape.</param>
public abstract class BenchCase(string name)
{
    // Sums of thousands of float32 numbers in another order differ by less than this part of the greatest result.
    private const double Tolerance = 1e-4;

    /// <summary>What is done, and at which shape.</summary>
    public string Name { get; } = name;

    /// <summary>The greatest difference from the naive result, as a part of its greatest element; more for 16-bit results, whose rounding shows.</summary>
    public double Allowed { get; init; } = Tolerance;

    /// <summary>The arithmetic and the traffic of the work, as its kernels say; known once it has been prepared.</summary>
    public KernelCost Cost { get; private protected set; } = KernelCost.Unknown;

    /// <summary>Whether a contestant takes part.</summary>
    public abstract bool Has(Contestant contestant);

    /// <summary>Makes the arguments of a contestant, the same numbers for each.</summary>
    /// <exception cref="InvalidOperationException">The contestant is not there, or not at its best.</exception>
    public abstract BenchRun Prepare(Contestant contestant);

    /// <summary>
    /// As <see cref="Prepare"/>, but refuses a contestant that does not leave what the naive loop leaves: faster with other
    /// numbers is not faster.
    /// </summary>
    /// <exception cref="InvalidOperationException">The results differ.</exception>
    public BenchRun PrepareVerified(Contestant contestant)
    {
        BenchRun run = Prepare(contestant);
        if (contestant == Contestant.Naive)
        {
            return run;
        }

        try
        {
            using BenchRun naive = Prepare(Contestant.Naive);
            Compare(contestant, naive.Results(), run.Results());
            return run;
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public sealed override string ToString() => Name;

    private void Compare(Contestant contestant, IReadOnlyList<float[]> expected, IReadOnlyList<float[]> actual)
    {
        if (expected.Count == 0 || expected.Count != actual.Count)
        {
            throw new InvalidOperationException($"{Name}, {contestant}: {actual.Count} results, the naive loop has {expected.Count}.");
        }

        for (int i = 0; i < expected.Count; i++)
        {
            Compare($"{Name}, {contestant}, result {i}", expected[i], actual[i]);
        }
    }

    private void Compare(string what, float[] expected, float[] actual)
    {
        if (expected.Length != actual.Length)
        {
            throw new InvalidOperationException($"{what} has {actual.Length} elements, the naive one {expected.Length}.");
        }

        double greatest = 0;
        foreach (float e in expected)
        {
            greatest = Math.Max(greatest, Math.Abs((double)e));
        }

        // Also catches what is not a number, and results that nobody wrote.
        for (int i = 0; i < expected.Length; i++)
        {
            if (!(Math.Abs((double)expected[i] - actual[i]) <= Allowed * greatest))
            {
                throw new InvalidOperationException(
                    $"{what}: element {i} is {actual[i]:R}, the naive loop says {expected[i]:R} (greatest {greatest:R}, allowed difference {Allowed * greatest:R}).");
            }
        }
    }
}
