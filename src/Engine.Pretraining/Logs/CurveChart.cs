using System.Globalization;
using System.Xml;

namespace Engine.Pretraining.Logs;

/// <summary>A curve of a chart.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Curve">Its points.</param>
public readonly record struct ChartSeries(string Name, Curve Curve);

/// <summary>
/// Curves over training steps as SVG. Points that stand for many steps are drawn as their mean, with a band from the least value to
/// the greatest. Curves differ in colour and dashes; title and description are there for readers that do not see them.
/// </summary>
public sealed class CurveChart : SvgDrawing
{
    /// <summary>Curves that can be told from each other.</summary>
    public const int MostSeries = 8;

    /// <summary>What the drawing looks like, in light and in dark; a page with several drawings has it once.</summary>
    public const string Style = """
        svg text{font:12px system-ui,"Segoe UI",Helvetica,Arial,sans-serif;fill:#1f2328}
        .soft{fill:#59636e}.paper{fill:#fff}.frame{fill:none;stroke:#818b98}.grid{stroke:#d1d9e0;stroke-width:.6}svg .name{font-size:14px;font-weight:600}
        .curve{stroke-width:1.6;stroke-linejoin:round}.band{stroke:none;opacity:.18}
        .s0{stroke:#0969da;fill:#0969da}.s1{stroke:#bc4c00;fill:#bc4c00}.s2{stroke:#1a7f37;fill:#1a7f37}.s3{stroke:#8250df;fill:#8250df}
        .s4{stroke:#bf3989;fill:#bf3989}.s5{stroke:#9a6700;fill:#9a6700}.s6{stroke:#1b7c83;fill:#1b7c83}.s7{stroke:#57606a;fill:#57606a}
        .curve.s1,.curve.s5{stroke-dasharray:6 3}.curve.s2,.curve.s6{stroke-dasharray:2 2}.curve.s3,.curve.s7{stroke-dasharray:8 3 2 3}
        svg .curve{fill:none}
        @media (prefers-color-scheme:dark){svg text{fill:#f0f6fc}.soft{fill:#9198a1}.paper{fill:#0d1117}.frame{stroke:#656c76}.grid{stroke:#3d444d}
        .s0{stroke:#58a6ff;fill:#58a6ff}.s1{stroke:#f0883e;fill:#f0883e}.s2{stroke:#56d364;fill:#56d364}.s3{stroke:#bc8cff;fill:#bc8cff}
        .s4{stroke:#f778ba;fill:#f778ba}.s5{stroke:#e3b341;fill:#e3b341}.s6{stroke:#39c5cf;fill:#39c5cf}.s7{stroke:#b1bac4;fill:#b1bac4}}
        """;

    private const double Width = 760;
    private const double Height = 300;
    private const double Left = 64;
    private const double Right = Width - 16;
    private const double Bottom = Height - 44;
    private const double LegendRow = 18;
    private const double LetterWidth = 6.8;
    private const int MostMarks = 40;

    private readonly ChartSeries[] _series;
    private readonly double _top;
    private readonly LinearAxis _x;
    private readonly LinearAxis _y;

    private CurveChart(XmlWriter writer, ChartSeries[] series)
        : base(writer)
    {
        _series = series;
        _top = 34 + (series.Length > 1 ? LegendRow * LegendRows(series) : 0);
        IEnumerable<CurvePoint> points = series.SelectMany(s => s.Curve.Points);
        double last = series.Max(s => s.Curve.LastStep);
        double first = points.Min(p => p.Step);
        _x = LinearAxis.Around(Math.Min(first, last), last, Left, Right, 8, tight: last > first);
        _y = LinearAxis.Around(points.Min(p => p.Min), points.Max(p => p.Max), Bottom, _top, 5);
    }

    /// <summary>Draws curves into a page or a file.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="name">What is drawn, with its unit.</param>
    /// <param name="series">At most <see cref="MostSeries"/> curves; those without points are left out.</param>
    /// <param name="alone">Whether the drawing is a file and brings its style.</param>
    /// <returns>False, and nothing is drawn, if no curve has a point.</returns>
    /// <exception cref="EngineException">There are too many curves.</exception>
    public static bool Draw(XmlWriter writer, string name, IEnumerable<ChartSeries> series, bool alone = false)
    {
        ChartSeries[] drawn = [.. series.Where(s => s.Curve.Count > 0)];
        if (drawn.Length > MostSeries)
        {
            throw new EngineException($"{name}: {drawn.Length} curves are too many for one drawing; at most {MostSeries} can be told from each other.");
        }

        if (drawn.Length == 0)
        {
            return false;
        }

        new CurveChart(writer, drawn).Draw(name, alone);
        return true;
    }

    private static int LegendRows(ChartSeries[] series)
    {
        (int rows, double x) = (1, Left);
        foreach (ChartSeries s in series)
        {
            double width = LegendWidth(s);
            (rows, x) = x + width > Right && x > Left ? (rows + 1, Left + width) : (rows, x + width);
        }

        return rows;
    }

    private static string Label(in ChartSeries s) => string.Create(CultureInfo.InvariantCulture, $"{Shorten(s.Name, 40)} {s.Curve.Last:g4}");

    private static double LegendWidth(in ChartSeries s) => (Label(s).Length * LetterWidth) + 46;

    private void Draw(string name, bool alone)
    {
        Start("svg", ("viewBox", $"0 0 {Number(Width)} {Number(Height)}"), ("role", "img"), ("width", alone ? Number(Width) : string.Empty), ("height", alone ? Number(Height) : string.Empty));
        Title(name);
        Element("desc", Describe());
        if (alone)
        {
            Element("style", Style);
        }

        Element("rect", ("class", "paper"), ("x", "0"), ("y", "0"), ("width", Number(Width)), ("height", Number(Height)));
        Text(name, Left, 22, "start", "name");
        Grid();
        if (_series.Length > 1)
        {
            Legend();
        }

        for (int i = 0; i < _series.Length; i++)
        {
            Plot(i);
        }

        End();
    }

    private string Describe() => string.Join(" ", _series.Select(s => string.Create(
        CultureInfo.InvariantCulture,
        $"{s.Name}: from {s.Curve.Points[0].Mean:g4} to {s.Curve.Last:g4} at step {s.Curve.LastStep}, least {s.Curve.Min:g4}, greatest {s.Curve.Max:g4}.")));

    private void Grid()
    {
        foreach (double value in _y.Labels())
        {
            Line("grid", Left, _y.At(value), Right, _y.At(value));
            Text(LinearAxis.Spell(value), Left - 6, _y.At(value) + 4, "end", "soft");
        }

        foreach (double value in _x.Labels())
        {
            Line("grid", _x.At(value), _top, _x.At(value), Bottom);
            Text(LinearAxis.Spell(value), _x.At(value), Bottom + 17, "middle", "soft");
        }

        Element("rect", ("class", "frame"), ("x", Number(Left)), ("y", Number(_top)), ("width", Number(Right - Left)), ("height", Number(Bottom - _top)));
        Text("step", (Left + Right) / 2, Bottom + 35, "middle", "soft");
    }

    private void Legend()
    {
        (double x, double y) = (Left, 30);
        for (int i = 0; i < _series.Length; i++)
        {
            double width = LegendWidth(_series[i]);
            (x, y) = x + width > Right && x > Left ? (Left, y + LegendRow) : (x, y);
            Line($"curve s{i}", x, y + 8, x + 24, y + 8);
            Text(Label(_series[i]), x + 30, y + 12, "start", string.Empty);
            x += width;
        }
    }

    private void Plot(int index)
    {
        IReadOnlyList<CurvePoint> points = _series[index].Curve.Points;
        if (points.Any(p => p.Min < p.Max))
        {
            IEnumerable<string> around = points.Select(p => Place(p.Step, p.Max)).Concat(points.Reverse().Select(p => Place(p.Step, p.Min)));
            Element("polygon", ("class", $"band s{index}"), ("points", string.Join(' ', around)));
        }

        Element("polyline", ("class", $"curve s{index}"), ("points", string.Join(' ', points.Select(p => Place(p.Step, p.Mean)))));
        foreach (CurvePoint point in points.Count <= MostMarks ? points : [])
        {
            Start("circle", ("class", $"s{index}"), ("cx", Number(_x.At(point.Step))), ("cy", Number(_y.At(point.Mean))), ("r", "2.5"));
            Title(string.Create(CultureInfo.InvariantCulture, $"{_series[index].Name}, step {point.Step:0}: {point.Mean:g5}"));
            End();
        }
    }

    private string Place(double step, double value) => $"{Number(_x.At(step))},{Number(_y.At(value))}";
}
