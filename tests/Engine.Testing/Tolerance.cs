using Xunit;

namespace Engine.Testing;

/// <summary>|actual − expected| ≤ absolute + relative·|expected|, element by element.</summary>
public readonly record struct Tolerance(double Absolute, double Relative)
{
    /// <summary>Operators against PyTorch, as the fixtures' README states.</summary>
    public static Tolerance Operator => new(1e-5, 1e-4);

    /// <summary>Convolutions and long sums against PyTorch, as the fixtures' README states.</summary>
    public static Tolerance LongSum => new(5e-5, 2e-4);

    /// <summary>The same kernel on two devices: only the order of additions differs.</summary>
    public static Tolerance Parity => new(2e-5, 2e-5);

    /// <summary>Fails with the first and the worst element that differ.</summary>
    public void AssertClose(ReadOnlySpan<double> expected, ReadOnlySpan<float> actual, string what)
    {
        Assert.True(expected.Length == actual.Length, $"{what}: {actual.Length} values, expected {expected.Length}");
        int worst = -1;
        double excess = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double e = expected[i];
            double a = actual[i];
            bool same = e.Equals(a) || (double.IsNaN(e) && double.IsNaN(a));
            double over = same ? 0 : Math.Abs(a - e) - (Absolute + (Relative * Math.Abs(e)));
            if (over > excess || (!same && double.IsNaN(over)))
            {
                worst = i;
                excess = double.IsNaN(over) ? double.MaxValue : over;
            }
        }

        Assert.True(worst < 0, worst < 0 ? string.Empty : $"{what}: element {worst} of {expected.Length} is {actual[worst]:R}, expected {expected[worst]:R} (tolerance {Absolute} + {Relative}·|expected|)");
    }

    /// <summary>As above, for float32 expectations.</summary>
    public void AssertClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string what)
    {
        double[] wide = new double[expected.Length];
        for (int i = 0; i < wide.Length; i++)
        {
            wide[i] = expected[i];
        }

        AssertClose(wide, actual, what);
    }
}
