using System.Globalization;

namespace Engine.Cli.Bench;

/// <summary>A logarithmic axis from one pixel to another.</summary>
/// <param name="Min">The value at <paramref name="From"/>.</param>
/// <param name="Max">The value at <paramref name="To"/>.</param>
/// <param name="From">The pixel where the axis begins.</param>
/// <param name="To">The pixel where it ends.</param>
internal readonly record struct LogAxis(double Min, double Max, double From, double To)
{
    private const double MostLabels = 10;

    private double Decades => Math.Log10(Max) - Math.Log10(Min);

    /// <summary>An axis with room for positive values, with limits at a 1, 2 or 5 before and after them.</summary>
    public static LogAxis Around(IReadOnlyCollection<double> values, double from, double to) =>
        new(Nice(values.Min() / 1.3, up: false), Nice(values.Max() * 1.3, up: true), from, to);

    /// <summary>The pixel of a value.</summary>
    public double At(double value) => From + ((Math.Log10(value) - Math.Log10(Min)) / Decades * (To - From));

    /// <summary>Values with a label: powers of ten, every so many of them; on a short axis 2 and 5 of each too.</summary>
    public IEnumerable<double> Labels()
    {
        int step = (int)Math.Ceiling(Decades / MostLabels);
        return Marks(Decades <= 3 ? [1, 2, 5] : [1], step);
    }

    /// <summary>Values with a fine line: every digit of every power of ten; none where they would run together.</summary>
    public IEnumerable<double> FineLines() => Decades <= MostLabels ? Marks([2, 3, 4, 5, 6, 7, 8, 9], 1) : [];

    /// <summary>A value as a label spells it.</summary>
    public static string Spell(double value) =>
        value.ToString(value is >= 1e-3 and < 1e6 ? "0.###" : "0e0", CultureInfo.InvariantCulture);

    private IEnumerable<double> Marks(int[] digits, int step)
    {
        for (int power = (int)Math.Floor(Math.Log10(Min)); power <= Math.Ceiling(Math.Log10(Max)); power++)
        {
            foreach (int digit in power % step == 0 ? digits : [])
            {
                // The limits themselves are such values, give or take their rounding.
                double value = digit * Math.Pow(10, power);
                if (value >= Min * (1 - 1e-9) && value <= Max * (1 + 1e-9))
                {
                    yield return Math.Clamp(value, Min, Max);
                }
            }
        }
    }

    private static double Nice(double value, bool up)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        double digit = value / power;
        return power * (up ? (digit <= 2 ? 2 : digit <= 5 ? 5 : 10) : (digit >= 5 ? 5 : digit >= 2 ? 2 : 1));
    }
}
