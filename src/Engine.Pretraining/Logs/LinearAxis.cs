using System.Globalization;

namespace Engine.Pretraining.Logs;

/// <summary>A linear axis from one pixel to another.</summary>
/// <param name="Min">The value at <paramref name="From"/>.</param>
/// <param name="Max">The value at <paramref name="To"/>.</param>
/// <param name="Step">Between two labels.</param>
/// <param name="From">The pixel where the axis begins.</param>
/// <param name="To">The pixel where it ends.</param>
internal readonly record struct LinearAxis(double Min, double Max, double Step, double From, double To)
{
    /// <summary>An axis with room for values, with labels at multiples of 1, 2 or 5 times a power of ten.</summary>
    /// <param name="min">The least value; finite.</param>
    /// <param name="max">The greatest value; finite.</param>
    /// <param name="from">The pixel where the axis begins.</param>
    /// <param name="to">The pixel where it ends.</param>
    /// <param name="labels">About how many labels.</param>
    /// <param name="tight">Whether the axis ends at the values and not at labels.</param>
    public static LinearAxis Around(double min, double max, double from, double to, int labels, bool tight = false)
    {
        // One value alone stands in the middle of an axis of its own size.
        double range = (max / 2) - (min / 2) > Math.Abs(max) * 1e-9 ? max - min : Math.Max(Math.Abs(max), 1e-9);
        (min, max) = range == max - min ? (min, max) : (min - (range / 2), max + (range / 2));
        if (!double.IsFinite(range) || !double.IsFinite(min) || !double.IsFinite(max))
        {
            (min, max, range) = (-1e300, 1e300, 2e300);
        }

        double power = Math.Pow(10, Math.Floor(Math.Log10(range / labels)));
        double step = power * ((range / labels / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 });
        return tight ? new LinearAxis(min, max, step, from, to) : new LinearAxis(Math.Floor(min / step) * step, Math.Ceiling(max / step) * step, step, from, to);
    }

    /// <summary>The pixel of a value.</summary>
    public double At(double value) => From + ((value / (Max - Min)) - (Min / (Max - Min))) * (To - From);

    /// <summary>Values with a label.</summary>
    public IEnumerable<double> Labels()
    {
        double first = Math.Ceiling((Min / Step) - 1e-6);
        for (int i = 0; i < 100 && (first + i) * Step <= Max + (1e-6 * Step); i++)
        {
            yield return (first + i) * Step;
        }
    }

    /// <summary>A value as a label spells it: <c>0.25</c>, <c>1.5</c>, <c>20k</c>, <c>3M</c>.</summary>
    public static string Spell(double value)
    {
        (double scaled, string unit) = Math.Abs(value) switch
        {
            >= 1e15 or (> 0 and < 1e-3) => (value, string.Empty),
            >= 1e9 => (value / 1e9, "G"),
            >= 1e6 => (value / 1e6, "M"),
            >= 1e4 => (value / 1e3, "k"),
            _ => (value, string.Empty),
        };
        bool plain = unit.Length > 0 || Math.Abs(value) is 0 or (>= 1e-3 and < 1e15);
        return scaled.ToString(plain ? "0.####" : "0.##e0", CultureInfo.InvariantCulture) + unit;
    }
}
