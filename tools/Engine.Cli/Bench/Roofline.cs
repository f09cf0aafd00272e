using System.Globalization;
using System.Text;
using System.Xml;

namespace Engine.Cli.Bench;

/// <summary>
/// Draws a roofline (Williams, Waterman and Patterson, 2009) as SVG: operations a second over operations a byte, both logarithmic.
/// Memory is a roof that rises with the operations a byte, arithmetic a level one; a kernel cannot get above either, and
/// what lies between is what it leaves on the table. The file needs nothing else and follows the reader's light or dark theme.
/// </summary>
internal sealed class Roofline
{
    private const string Namespace = "http://www.w3.org/2000/svg";
    private const double Width = 960;
    private const double Height = 600;
    private const double LineHeight = 15;
    private const double LetterWidth = 7.5;
    private const double Radius = 4.5;
    private const int LongestName = 40;

    // Nothing real is outside; it keeps the axes finite.
    private const double Smallest = 1e-12;
    private const double Largest = 1e24;

    private const string Style = """
        text{font:12px system-ui,"Segoe UI",Helvetica,Arial,sans-serif;fill:#1f2328}
        .title{font-size:16px;font-weight:600}.soft{fill:#59636e}.paper{fill:#fff}.frame{fill:none;stroke:#818b98}
        .grid{stroke:#d1d9e0}.fine{stroke:#eff2f5}.roof{fill:none;stroke:#1f2328;stroke-width:2}.leader{stroke:#818b98}
        .memory{fill:#0969da}.arithmetic{fill:#bc4c00}
        @media (prefers-color-scheme:dark){text{fill:#f0f6fc}.soft{fill:#9198a1}.paper{fill:#0d1117}.frame{stroke:#656c76}
        .grid{stroke:#3d444d}.fine{stroke:#1c2128}.roof{stroke:#f0f6fc}.leader{stroke:#656c76}.memory{fill:#4493f8}.arithmetic{fill:#f0883e}}
        """;

    private static readonly Box s_plot = new(76, 66, Width - 76 - 24, Height - 66 - 84);
    private readonly XmlWriter _writer;
    private readonly Peaks _peaks;
    private readonly Measurement[] _points;
    private readonly LogAxis _x;
    private readonly LogAxis _y;

    private Roofline(XmlWriter writer, in Peaks peaks, IEnumerable<Measurement> measured)
    {
        Peaks p = peaks;
        _writer = writer;
        _peaks = peaks;
        _points = [.. measured.Where(IsDrawn)];
        _x = LogAxis.Around([.. _points.Select(m => m.Intensity), p.Flops / p.Bytes], s_plot.Left, s_plot.Right);
        _y = LogAxis.Around([.. _points.Select(m => m.FlopsPerSecond / 1e9), p.Flops / 1e9], s_plot.Bottom, s_plot.Top);
    }

    private double Ridge => _peaks.Flops / _peaks.Bytes;

    /// <summary>The drawing as text. Kernels without arithmetic have no place on its axes and are named below it.</summary>
    /// <param name="title">The device.</param>
    /// <param name="peaks">The two roofs, both above 0.</param>
    /// <param name="measured">The kernels.</param>
    public static string Draw(string title, in Peaks peaks, IReadOnlyList<Measurement> measured)
    {
        StringBuilder text = new();
        using (XmlWriter writer = XmlWriter.Create(text, new XmlWriterSettings { OmitXmlDeclaration = true, Indent = true, NewLineChars = "\n" }))
        {
            Roofline drawing = new(writer, peaks, measured);
            drawing.Write(title, [.. measured.Where(m => !IsDrawn(m))]);
        }

        return text.Append('\n').ToString();
    }

    private static bool IsDrawn(Measurement m) => m.Intensity is > Smallest and < Largest && m.FlopsPerSecond is > Smallest and < Largest;

    private void Write(string title, IReadOnlyList<Measurement> others)
    {
        Start("svg", ("viewBox", $"0 0 {Number(Width)} {Number(Height)}"), ("width", Number(Width)), ("height", Number(Height)));
        _writer.WriteElementString("title", Namespace, Clean($"Roofline of {title}"));
        _writer.WriteElementString("style", Namespace, Style);
        Element("rect", ("class", "paper"), ("x", "0"), ("y", "0"), ("width", Number(Width)), ("height", Number(Height)));
        Text(Shorten(title, 100), s_plot.Left, 30, "start", "title");
        Legend();
        Grid();
        Labels labels = new(s_plot);
        (double X, double Y)[] places = [.. _points.Select(m => (_x.At(m.Intensity), _y.At(m.FlopsPerSecond / 1e9)))];
        Roofs(labels, places);
        Points(labels, places);
        if (others.Count > 0)
        {
            string names = string.Join(", ", others.Select(m => $"{Shorten(m.Kernel, LongestName)} {Percent(m.BytesPerSecond / _peaks.Bytes)}"));
            Text(Shorten($"No arithmetic, of the memory peak: {names}", 130), s_plot.Left, Height - 14, "start", "soft");
        }

        _writer.WriteEndElement();
    }

    private void Legend()
    {
        Mark(s_plot.Left + 6, 48, arithmetic: false);
        Text("bound by memory", s_plot.Left + 16, 52, "start", "soft");
        Mark(s_plot.Left + 150, 48, arithmetic: true);
        Text("bound by arithmetic; per cent of the roof above", s_plot.Left + 160, 52, "start", "soft");
    }

    private void Grid()
    {
        foreach ((IEnumerable<double> values, string style) in new[] { (_x.FineLines(), "fine"), (_x.Labels(), "grid") })
        {
            foreach (double value in values)
            {
                Line(style, _x.At(value), s_plot.Top, _x.At(value), s_plot.Bottom);
            }
        }

        foreach ((IEnumerable<double> values, string style) in new[] { (_y.FineLines(), "fine"), (_y.Labels(), "grid") })
        {
            foreach (double value in values)
            {
                Line(style, s_plot.Left, _y.At(value), s_plot.Right, _y.At(value));
            }
        }

        Element("rect", ("class", "frame"), ("x", Number(s_plot.Left)), ("y", Number(s_plot.Top)), ("width", Number(s_plot.Width)), ("height", Number(s_plot.Height)));
        foreach (double value in _x.Labels())
        {
            Text(LogAxis.Spell(value), _x.At(value), s_plot.Bottom + 18, "middle", "soft");
        }

        foreach (double value in _y.Labels())
        {
            Text(LogAxis.Spell(value), s_plot.Left - 8, _y.At(value) + 4, "end", "soft");
        }

        Text("operations a byte", (s_plot.Left + s_plot.Right) / 2, s_plot.Bottom + 40, "middle", string.Empty);
        Text("GFLOP/s", 22, (s_plot.Top + s_plot.Bottom) / 2, "middle", string.Empty, turn: -90);
    }

    // Memory from the left or the lower edge up to the ridge, then level.
    private void Roofs(Labels labels, (double X, double Y)[] places)
    {
        double left = Math.Max(_x.Min, _y.Min * 1e9 / _peaks.Bytes);
        (double x0, double y0) = (_x.At(left), _y.At(Math.Max(_y.Min, left * _peaks.Bytes / 1e9)));
        (double x1, double y1) = (_x.At(Ridge), _y.At(_peaks.Flops / 1e9));
        Element("polyline", ("class", "roof"), ("points", $"{Number(x0)},{Number(y0)} {Number(x1)},{Number(y1)} {Number(s_plot.Right)},{Number(y1)}"));
        for (int i = 0; i <= 40; i++)
        {
            labels.Avoid(Box.Around(x0 + ((x1 - x0) * i / 40), y0 + ((y1 - y0) * i / 40), 3));
        }

        labels.Avoid(new Box(x1, y1 - 3, s_plot.Right - x1, 6));
        string arithmetic = $"float32 {Figure(_peaks.Flops / 1e9)} GFLOP/s";
        Text(arithmetic, s_plot.Right - 8, y1 - 8, "end", string.Empty);
        double width = arithmetic.Length * LetterWidth;
        labels.Avoid(new Box(s_plot.Right - 8 - width, y1 - 8 - LineHeight, width, LineHeight));

        // Along the roof's slope, a little above it and where no point is near, if the slope is long enough to carry it.
        string memory = $"memory {Figure(_peaks.Bytes / 1e9)} GB/s";
        double length = Math.Sqrt(((x1 - x0) * (x1 - x0)) + ((y1 - y0) * (y1 - y0)));
        double half = memory.Length * LetterWidth / 2;
        if (length > (2 * half) + 20)
        {
            (double cos, double sin) = ((x1 - x0) / length, (y1 - y0) / length);
            (double x, double y) = Enumerable.Range(0, 9)
                .Select(i => half + 10 + ((length - (2 * half) - 20) * i / 8))
                .Select(at => (x0 + (at * cos) + (8 * sin), y0 + (at * sin) - (8 * cos)))
                .MaxBy(place => places.Select(p => Math.Abs(p.X - place.Item1) + Math.Abs(p.Y - place.Item2)).DefaultIfEmpty(0).Min());
            Text(memory, x, y, "middle", string.Empty, turn: Math.Atan2(sin, cos) * 180 / Math.PI);
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
            string label = $"{Shorten(m.Kernel, LongestName)} {Percent(m.OfRoof(_peaks))}";
            (Box box, double lineX, double lineY) = labels.Place(x, y, label.Length * LetterWidth, LineHeight);
            if (lineX != x || lineY != y)
            {
                Line("leader", x, y, lineX, lineY);
            }

            Mark(x, y, m.IsBoundByArithmetic(_peaks), $"{m.Kernel}: {Figure(m.FlopsPerSecond / 1e9)} GFLOP/s, {Figure(m.BytesPerSecond / 1e9)} GB/s, {Figure(m.Intensity)} operations a byte");
            Text(label, box.Left, box.Bottom - 3.5, "start", string.Empty);
        }
    }

    private void Mark(double x, double y, bool arithmetic, string? title = null)
    {
        if (arithmetic)
        {
            Start("rect", ("class", "arithmetic"), ("x", Number(x - Radius)), ("y", Number(y - Radius)), ("width", Number(2 * Radius)), ("height", Number(2 * Radius)));
        }
        else
        {
            Start("circle", ("class", "memory"), ("cx", Number(x)), ("cy", Number(y)), ("r", Number(Radius)));
        }

        if (title is not null)
        {
            _writer.WriteElementString("title", Namespace, Clean(title));
        }

        _writer.WriteEndElement();
    }

    private void Text(string text, double x, double y, string anchor, string style, double turn = 0)
    {
        Start("text", ("x", Number(x)), ("y", Number(y)), ("text-anchor", anchor), ("class", style));
        if (turn != 0)
        {
            _writer.WriteAttributeString("transform", $"rotate({Number(turn)} {Number(x)} {Number(y)})");
        }

        _writer.WriteString(Clean(text));
        _writer.WriteEndElement();
    }

    private void Line(string style, double x1, double y1, double x2, double y2) =>
        Element("line", ("class", style), ("x1", Number(x1)), ("y1", Number(y1)), ("x2", Number(x2)), ("y2", Number(y2)));

    private void Element(string name, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Start(name, attributes);
        _writer.WriteEndElement();
    }

    private void Start(string name, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        _writer.WriteStartElement(name, Namespace);
        foreach ((string attribute, string value) in attributes)
        {
            if (value.Length > 0)
            {
                _writer.WriteAttributeString(attribute, value);
            }
        }
    }

    // A place in the drawing.
    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    // Something measured, to three digits.
    private static string Figure(double value) => value.ToString(value is >= 100 and < 1e6 ? "0" : "g3", CultureInfo.InvariantCulture);

    private static string Percent(double part) => part < 10 ? $"{part * 100:0} %" : $"{LogAxis.Spell(part)} times";

    private static string Shorten(string text, int length) => text.Length <= length ? text : text[..(length - 1)] + "…";

    // Names come from drivers too: what XML cannot hold becomes a question mark.
    private static string Clean(string text) => string.Concat(text.Select(c => XmlConvert.IsXmlChar(c) ? c : '?'));
}
