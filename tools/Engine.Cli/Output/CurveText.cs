using System.Globalization;
using System.Text;
using Engine.Pretraining.Logs;

namespace Engine.Cli.Output;

/// <summary>Curves in the letters of a terminal, one over the other: a mark for each curve.</summary>
internal static class CurveText
{
    private const int Columns = 68;
    private const int Rows = 13;
    private const string Marks = "•x+o*#%@";

    /// <summary>Draws curves that have points; nothing if none has.</summary>
    public static string Draw(string title, IReadOnlyList<ChartSeries> series)
    {
        ChartSeries[] drawn = [.. series.Where(s => s.Curve.Count > 0)];
        if (drawn.Length == 0)
        {
            return string.Empty;
        }

        CurvePoint[] all = [.. drawn.SelectMany(s => s.Curve.Points)];
        (double least, double most) = (all.Min(p => p.Mean), all.Max(p => p.Mean));
        (double first, double last) = (all.Min(p => p.Step), all.Max(p => p.Step));
        char[][] rows = [.. Enumerable.Range(0, Rows).Select(_ => Enumerable.Repeat(' ', Columns).ToArray())];
        for (int i = drawn.Length - 1; i >= 0; i--)
        {
            for (int column = 0; column < Columns; column++)
            {
                if (At(drawn[i].Curve.Points, first + ((last - first) * column / (Columns - 1)), (last - first) / Columns) is { } value)
                {
                    rows[Row(value, least, most)][column] = Marks[i % Marks.Length];
                }
            }
        }

        StringBuilder text = new($"{title}: {string.Join(", ", drawn.Select((s, i) => $"{Marks[i % Marks.Length]} {s.Name}"))}\n");
        for (int r = 0; r < Rows; r++)
        {
            double value = most - ((most - least) * r / (Rows - 1));
            string label = r % 4 == 0 ? value.ToString("g4", CultureInfo.InvariantCulture) : string.Empty;
            text.Append(CultureInfo.InvariantCulture, $"{label,10} │{new string(rows[r]).TrimEnd()}\n");
        }

        string from = first.ToString("0", CultureInfo.InvariantCulture), to = last.ToString("0", CultureInfo.InvariantCulture);
        return text.Append($"{string.Empty,10} └{new string('─', Columns)}\n{string.Empty,12}{from}{to.PadLeft(Math.Max(1, Columns - from.Length))}\n").ToString();
    }

    // The mean of the points around a step, or else a value on the line between its neighbours.
    private static double? At(IReadOnlyList<CurvePoint> points, double step, double width)
    {
        double[] here = [.. points.Where(p => Math.Abs(p.Step - step) <= width / 2).Select(p => p.Mean)];
        if (here.Length > 0)
        {
            return here.Average();
        }

        int next = points.TakeWhile(p => p.Step < step).Count();
        if (next == 0 || next == points.Count)
        {
            return null;
        }

        (CurvePoint a, CurvePoint b) = (points[next - 1], points[next]);
        return a.Mean + ((b.Mean - a.Mean) * (step - a.Step) / (b.Step - a.Step));
    }

    private static int Row(double value, double least, double most) =>
        most > least ? Rows - 1 - (int)Math.Round(((value / (most - least)) - (least / (most - least))) * (Rows - 1)) : Rows / 2;
}
