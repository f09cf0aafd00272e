namespace Engine.Cli.Bench;

/// <summary>
/// Draws a roofline (Williams, Waterman and Patterson, 2009) as SVG: operations a second over operations a byte, both logarithmic.
/// Memory is a roof that rises with the operations a byte, arithmetic a level one; a kernel cannot get above either, and
/// what lies between is what it leaves on the table. The file needs nothing else and follows the reader's light or dark theme.
/// </summary>
internal sealed class Roofline
{
    private const double LineHeight = 15;
    private const double LetterWidth = 7.5;
    private const double Radius = 4.5;
    private const int LongestName = 40;

    // Nothing real is outside; it keeps the axes finite.
    private const double Smallest = 1e-12;
    private const double Largest = 1e24;

    private static readonly Box s_plot = LogChart.Plot;
    private readonly LogChart _chart;
    private readonly Peaks _peaks;
    private readonly Measurement[] _points;
    private readonly LogAxis _x;
    private readonly LogAxis _y;

    private Roofline(LogChart chart, in Peaks peaks, Measurement[] points, LogAxis x, LogAxis y) =>
        (_chart, _peaks, _points, _x, _y) = (chart, peaks, points, x, y);

    private double Ridge => _peaks.Flops / _peaks.Bytes;

    /// <summary>The drawing as text. Kernels without arithmetic have no place on its axes and are named below it.</summary>
    /// <param name="title">The device.</param>
    /// <param name="peaks">The two roofs, both above 0.</param>
    /// <param name="measured">The kernels.</param>
    public static string Draw(string title, in Peaks peaks, IReadOnlyList<Measurement> measured)
    {
        Peaks p = peaks;
        Measurement[] points = [.. measured.Where(IsDrawn)];
        LogAxis x = LogAxis.Around([.. points.Select(m => m.Intensity), p.Flops / p.Bytes], s_plot.Left, s_plot.Right);
        LogAxis y = LogAxis.Around([.. points.Select(m => m.FlopsPerSecond / 1e9), p.Flops / 1e9], s_plot.Bottom, s_plot.Top);
        return LogChart.Draw($"Roofline of {title}", title, x, y, chart => new Roofline(chart, p, points, x, y).Write([.. measured.Where(m => !IsDrawn(m))]));
    }

    private static bool IsDrawn(Measurement m) => m.Intensity is > Smallest and < Largest && m.FlopsPerSecond is > Smallest and < Largest;

    private void Write(IReadOnlyList<Measurement> others)
    {
        Legend();
        _chart.Grid("operations a byte", "GFLOP/s");
        Labels labels = new(s_plot);
        (double X, double Y)[] places = [.. _points.Select(m => (_x.At(m.Intensity), _y.At(m.FlopsPerSecond / 1e9)))];
        Roofs(labels, places);
        Points(labels, places);
        if (others.Count > 0)
        {
            string names = string.Join(", ", others.Select(m => $"{LogChart.Shorten(m.Kernel, LongestName)} {Percent(m.BytesPerSecond / _peaks.Bytes)}"));
            _chart.Text(LogChart.Shorten($"No arithmetic, of the memory peak: {names}", 130), s_plot.Left, LogChart.Height - 14, "start", "soft");
        }
    }

    private void Legend()
    {
        Mark(s_plot.Left + 6, 48, arithmetic: false);
        _chart.Text("bound by memory", s_plot.Left + 16, 52, "start", "soft");
        Mark(s_plot.Left + 150, 48, arithmetic: true);
        _chart.Text("bound by arithmetic; per cent of the roof above", s_plot.Left + 160, 52, "start", "soft");
    }

    // Memory from the left or the lower edge up to the ridge, then level.
    private void Roofs(Labels labels, (double X, double Y)[] places)
    {
        double left = Math.Max(_x.Min, _y.Min * 1e9 / _peaks.Bytes);
        (double x0, double y0) = (_x.At(left), _y.At(Math.Max(_y.Min, left * _peaks.Bytes / 1e9)));
        (double x1, double y1) = (_x.At(Ridge), _y.At(_peaks.Flops / 1e9));
        _chart.Element("polyline", ("class", "roof"), ("points", $"{LogChart.Number(x0)},{LogChart.Number(y0)} {LogChart.Number(x1)},{LogChart.Number(y1)} {LogChart.Number(s_plot.Right)},{LogChart.Number(y1)}"));
        for (int i = 0; i <= 40; i++)
        {
            labels.Avoid(Box.Around(x0 + ((x1 - x0) * i / 40), y0 + ((y1 - y0) * i / 40), 3));
        }

        labels.Avoid(new Box(x1, y1 - 3, s_plot.Right - x1, 6));
        string arithmetic = $"float32 {LogChart.Figure(_peaks.Flops / 1e9)} GFLOP/s";
        _chart.Text(arithmetic, s_plot.Right - 8, y1 - 8, "end", string.Empty);
        double width = arithmetic.Length * LetterWidth;
        labels.Avoid(new Box(s_plot.Right - 8 - width, y1 - 8 - LineHeight, width, LineHeight));

        // Along the roof's slope, a little above it and where no point is near, if the slope is long enough to carry it.
        string memory = $"memory {LogChart.Figure(_peaks.Bytes / 1e9)} GB/s";
        double length = Math.Sqrt(((x1 - x0) * (x1 - x0)) + ((y1 - y0) * (y1 - y0)));
        double half = memory.Length * LetterWidth / 2;
        if (length > (2 * half) + 20)
        {
            (double cos, double sin) = ((x1 - x0) / length, (y1 - y0) / length);
            (double x, double y) = Enumerable.Range(0, 9)
                .Select(i => half + 10 + ((length - (2 * half) - 20) * i / 8))
                .Select(at => (x0 + (at * cos) + (8 * sin), y0 + (at * sin) - (8 * cos)))
                .MaxBy(place => places.Select(p => Math.Abs(p.X - place.Item1) + Math.Abs(p.Y - place.Item2)).DefaultIfEmpty(0).Min());
            _chart.Text(memory, x, y, "middle", string.Empty, turn: Math.Atan2(sin, cos) * 180 / Math.PI);
            for (double at = -half; at <= half; at += 6)
            {
                labels.Avoid(Box.Around(x + (at * cos) + (4 * sin), y + (at * sin) - (4 * cos), 7));
            }
        }
    }

    private void Points(Labels labels, (double X, double Y)[] places)
    {
        foreach ((double x, double y) in places)
        {
            labels.Avoid(Box.Around(x, y, Radius + 1));
        }

        for (int i = 0; i < places.Length; i++)
        {
            Measurement m = _points[i];
            (double x, double y) = places[i];
            string label = $"{LogChart.Shorten(m.Kernel, LongestName)} {Percent(m.OfRoof(_peaks))}";
            (Box box, double lineX, double lineY) = labels.Place(x, y, label.Length * LetterWidth, LineHeight);
            if (lineX != x || lineY != y)
            {
                _chart.Line("leader", x, y, lineX, lineY);
            }

            Mark(x, y, m.IsBoundByArithmetic(_peaks), $"{m.Kernel}: {LogChart.Figure(m.FlopsPerSecond / 1e9)} GFLOP/s, {LogChart.Figure(m.BytesPerSecond / 1e9)} GB/s, {LogChart.Figure(m.Intensity)} operations a byte");
            _chart.Text(label, box.Left, box.Bottom - 3.5, "start", string.Empty);
        }
    }

    private void Mark(double x, double y, bool arithmetic, string? title = null)
    {
        if (arithmetic)
        {
            _chart.Start("rect", ("class", "arithmetic"), ("x", LogChart.Number(x - Radius)), ("y", LogChart.Number(y - Radius)), ("width", LogChart.Number(2 * Radius)), ("height", LogChart.Number(2 * Radius)));
        }
        else
        {
            _chart.Start("circle", ("class", "memory"), ("cx", LogChart.Number(x)), ("cy", LogChart.Number(y)), ("r", LogChart.Number(Radius)));
        }

        if (title is not null)
        {
            _chart.Title(title);
        }

        _chart.End();
    }

    private static string Percent(double part) => part < 10 ? $"{part * 100:0} %" : $"{LogAxis.Spell(part)} times";
}
