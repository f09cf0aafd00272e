using System.Globalization;
using System.Xml;
using Engine.Pretraining.Logs;

namespace Engine.Cli.Bench;

/// <summary>
/// An SVG drawing with two logarithmic axes: paper, title, grid, frame, and the elements that a drawing adds. The file needs nothing
/// else and follows the reader's light or dark theme.
/// </summary>
internal sealed class LogChart : SvgDrawing
{
    private const double Width = 960;

    /// <summary>Height of the paper.</summary>
    public const double Height = 600;

    private const string Style = """
        text{font:12px system-ui,"Segoe UI",Helvetica,Arial,sans-serif;fill:#1f2328}
        .title{font-size:16px;font-weight:600}.soft{fill:#59636e}.paper{fill:#fff}.frame{fill:none;stroke:#818b98}
        .grid{stroke:#d1d9e0}.fine{stroke:#eff2f5}.roof{fill:none;stroke:#1f2328;stroke-width:2}.leader{stroke:#818b98}
        .memory{fill:#0969da}.arithmetic{fill:#bc4c00}
        @media (prefers-color-scheme:dark){text{fill:#f0f6fc}.soft{fill:#9198a1}.paper{fill:#0d1117}.frame{stroke:#656c76}
        .grid{stroke:#3d444d}.fine{stroke:#1c2128}.roof{stroke:#f0f6fc}.leader{stroke:#656c76}.memory{fill:#4493f8}.arithmetic{fill:#f0883e}}
        """;

    private readonly LogAxis _x;
    private readonly LogAxis _y;

    private LogChart(XmlWriter writer, LogAxis x, LogAxis y)
        : base(writer) => (_x, _y) = (x, y);

    /// <summary>Where the axes cross the paper.</summary>
    public static Box Plot { get; } = new(76, 66, Width - 76 - 24, Height - 66 - 84);

    /// <summary>The drawing as text.</summary>
    /// <param name="name">What a reader's program calls it.</param>
    /// <param name="title">The line at the top.</param>
    /// <param name="x">The axis from <see cref="Plot"/>'s left to its right.</param>
    /// <param name="y">The axis from its bottom to its top.</param>
    /// <param name="content">Adds the rest.</param>
    public static string Draw(string name, string title, LogAxis x, LogAxis y, Action<LogChart> content) => Write(writer =>
    {
        LogChart chart = new(writer, x, y);
        chart.Start("svg", ("viewBox", $"0 0 {Number(Width)} {Number(Height)}"), ("width", Number(Width)), ("height", Number(Height)));
        chart.Title(name);
        chart.Element("style", Style);
        chart.Element("rect", ("class", "paper"), ("x", "0"), ("y", "0"), ("width", Number(Width)), ("height", Number(Height)));
        chart.Text(Shorten(title, 100), Plot.Left, 30, "start", "title");
        content(chart);
        chart.End();
    });

    /// <summary>Lines, frame, numbers and names of both axes.</summary>
    public void Grid(string xName, string yName)
    {
        foreach ((IEnumerable<double> values, string style) in new[] { (_x.FineLines(), "fine"), (_x.Labels(), "grid") })
        {
            foreach (double value in values)
            {
                Line(style, _x.At(value), Plot.Top, _x.At(value), Plot.Bottom);
            }
        }

        foreach ((IEnumerable<double> values, string style) in new[] { (_y.FineLines(), "fine"), (_y.Labels(), "grid") })
        {
            foreach (double value in values)
            {
                Line(style, Plot.Left, _y.At(value), Plot.Right, _y.At(value));
            }
        }

        Element("rect", ("class", "frame"), ("x", Number(Plot.Left)), ("y", Number(Plot.Top)), ("width", Number(Plot.Width)), ("height", Number(Plot.Height)));
        foreach (double value in _x.Labels())
        {
            Text(LogAxis.Spell(value), _x.At(value), Plot.Bottom + 18, "middle", "soft");
        }

        foreach (double value in _y.Labels())
        {
            Text(LogAxis.Spell(value), Plot.Left - 8, _y.At(value) + 4, "end", "soft");
        }

        Text(xName, (Plot.Left + Plot.Right) / 2, Plot.Bottom + 40, "middle", string.Empty);
        Text(yName, 22, (Plot.Top + Plot.Bottom) / 2, "middle", string.Empty, turn: -90);
    }

    /// <summary>Something measured, to three digits.</summary>
    public static string Figure(double value) => value.ToString(value is >= 100 and < 1e6 ? "0" : "g3", CultureInfo.InvariantCulture);
}
