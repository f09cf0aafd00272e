using System.Globalization;
using System.Text;
using System.Xml;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Training;
using Engine.Serialization;

namespace Engine.Pretraining.Logs;

/// <summary>
/// A run as one HTML page, <c>report.html</c>: figures, curves, samples and configuration. The page loads nothing and runs
/// nothing, which its content security policy holds it to; its size does not grow with the run's length.
/// </summary>
public static class RunReport
{
    /// <summary>The page's name in a run folder.</summary>
    public const string FileName = "report.html";

    private const string Html = "http://www.w3.org/1999/xhtml";
    private const int MostSamples = 8;
    private const int SampleLetters = 4000;
    private const int MostFigures = 12;

    private const string Style = """
        :root{color-scheme:light dark}
        body{font:15px/1.5 system-ui,"Segoe UI",Helvetica,Arial,sans-serif;max-width:820px;margin:2rem auto;padding:0 1rem;color:#1f2328;background:#fff}
        h1{font-size:1.5rem;margin-bottom:.2rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}.lead{margin:0 0 1rem;color:#59636e}
        svg{display:block;width:100%;height:auto;border:1px solid #d1d9e0;border-radius:6px;margin:.6rem 0}
        table{border-collapse:collapse;font-size:.9rem}td,th{text-align:left;padding:.15rem 1.2rem .15rem 0;vertical-align:top;font-weight:400}
        th{color:#59636e}td{overflow-wrap:anywhere}.num td{font-variant-numeric:tabular-nums}.changed td,.changed th{font-weight:600}
        pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f6f8fa;border-radius:6px;padding:.8rem;font:13px/1.45 ui-monospace,Consolas,monospace;margin:.4rem 0}
        summary{cursor:pointer}
        @media (prefers-color-scheme:dark){body{color:#f0f6fc;background:#0d1117}.lead,th{color:#9198a1}svg{border-color:#3d444d}pre{background:#151b23}}
        """;

    // Figures with a chart and a name of their own; all others are an objective's.
    private static readonly (string Name, string[] Keys, string[] Labels)[] s_charts =
    [
        ("Loss (nats)", ["loss", "val_loss"], ["training", "validation"]),
        ("Learning rate", ["learning_rate"], ["learning rate"]),
        ("Gradient norm, before clipping", ["grad_norm"], ["gradient norm"]),
        ("Throughput (tokens per second)", ["tokens_per_second"], ["tokens per second"]),
        ("Device memory (bytes, most of each step)", ["memory_bytes"], ["bytes"]),
        ("Loss scale", ["loss_scale"], ["loss scale"]),
        ("Skipped steps", ["skipped_steps"], ["skipped steps"]),
    ];

    /// <summary>Writes the page of a run into its folder.</summary>
    /// <param name="run">The run folder.</param>
    /// <returns>The page's path.</returns>
    /// <exception cref="EngineException">The folder holds no run, or the page cannot be written.</exception>
    public static string Write(string run)
    {
        RunSummary summary = RunSummary.Read(run);
        string path = Path.Combine(run, FileName);
        Write(path, $"{summary.Name}: {summary.Config.Objective} with {summary.Config.Model}", Lead(summary), writer =>
        {
            Figures(writer, [summary]);
            Charts(writer, [summary]);
            Samples(writer, run);
            Configuration(writer, summary.Config);
        });
        return path;
    }

    /// <summary>Writes a page on which several runs stand side by side.</summary>
    /// <param name="path">The file.</param>
    /// <param name="runs">At most <see cref="CurveChart.MostSeries"/>.</param>
    /// <exception cref="EngineException">There are too many runs, or the page cannot be written.</exception>
    public static void WriteComparison(string path, IReadOnlyList<RunSummary> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        Write(path, $"{runs.Count} runs", string.Join(", ", runs.Select(r => r.Name)), writer =>
        {
            Figures(writer, runs);
            Charts(writer, runs);
            Element(writer, "h2", "Where the configurations differ");
            Table(writer, ["key", .. runs.Select(r => r.Name)], ConfigFields.All
                .Where(f => runs.Select(r => f.Get(r.Config)).Distinct().Count() > 1)
                .Select(f => (string[])[f.Key, .. runs.Select(r => f.Get(r.Config))]));
        });
    }

    /// <summary>The curves of one figure of several runs, by the runs' names.</summary>
    public static IEnumerable<ChartSeries> SeriesOf(IEnumerable<RunSummary> runs, string key) =>
        runs.Where(r => r.Curves.ContainsKey(key)).Select(r => new ChartSeries(r.Name, r.Curves[key]));

    private static void Write(string path, string title, string lead, Action<XmlWriter> body)
    {
        XmlWriterSettings settings = new() { OmitXmlDeclaration = true, Encoding = new UTF8Encoding(false), NewLineChars = "\n", CloseOutput = false, NewLineHandling = NewLineHandling.None };
        AtomicFile.Write(path, stream =>
        {
            stream.Write("<!DOCTYPE html>\n"u8);
            using XmlWriter writer = XmlWriter.Create(stream, settings);
            writer.WriteStartElement("html", Html);
            writer.WriteAttributeString("lang", "en");
            writer.WriteStartElement("head");
            Meta(writer, ("charset", "utf-8"));
            Meta(writer, ("http-equiv", "Content-Security-Policy"), ("content", "default-src 'none'; style-src 'unsafe-inline'"));
            Meta(writer, ("name", "viewport"), ("content", "width=device-width,initial-scale=1"));
            Element(writer, "title", title);
            Element(writer, "style", Style + "\n" + CurveChart.Style);
            writer.WriteEndElement();
            writer.WriteStartElement("body");
            writer.WriteStartElement("main");
            Element(writer, "h1", title);
            Element(writer, "p", lead, "lead");
            body(writer);
            writer.WriteEndElement();
            writer.WriteEndElement();
            writer.WriteEndElement();
        });
    }

    private static string Lead(RunSummary run) => string.Create(
        CultureInfo.InvariantCulture,
        $"{char.ToUpperInvariant(RunFacts.NameOf(run.State)[0])}{RunFacts.NameOf(run.State)[1..]} after step {run.Step} of {run.Config.MaxSteps}; begun {run.Started.UtcDateTime:yyyy-MM-dd HH:mm} UTC") +
        (run.Facts is { } facts ? string.Create(CultureInfo.InvariantCulture, $"; {facts.Parameters:#,0} parameters on {facts.Device}, {run.Config.Precision}.") : ".");

    private static void Figures(XmlWriter writer, IReadOnlyList<RunSummary> runs)
    {
        Element(writer, "h2", "Figures");
        string[] keys = [.. KeysOf(runs)];
        Table(writer, ["", .. runs.Count > 1 ? runs.Select(r => r.Name) : ["last", "least", "greatest"]], keys.Select(key => (string[])
            [key, .. runs.Count > 1 ? runs.Select(r => Number(r.Last(key))) : Three(runs[0].Curves[key])]));
    }

    private static string[] Three(Curve curve) => [Number(curve.Last), Number(curve.Min), Number(curve.Max)];

    private static void Charts(XmlWriter writer, IReadOnlyList<RunSummary> runs)
    {
        Element(writer, "h2", "Curves");
        HashSet<string> named = [.. s_charts.SelectMany(c => c.Keys)];
        foreach ((string name, string[] keys, string[] labels) in s_charts.Concat(
            KeysOf(runs).Where(k => !named.Contains(k)).Take(MostFigures).Select(k => (k, (string[])[k], (string[])[k]))))
        {
            if (runs.Count == 1)
            {
                CurveChart.Draw(writer, name, keys.Zip(labels).Where(k => runs[0].Curves.ContainsKey(k.First)).Select(k => new ChartSeries(k.Second, runs[0].Curves[k.First])));
                continue;
            }

            foreach ((string key, string label) in keys.Zip(labels))
            {
                CurveChart.Draw(writer, keys.Length > 1 ? $"{name}, {label}" : name, SeriesOf(runs, key));
            }
        }
    }

    private static IEnumerable<string> KeysOf(IEnumerable<RunSummary> runs) => runs.SelectMany(r => r.Curves.Where(c => c.Value.Count > 0).Select(c => c.Key)).Distinct();

    private static void Samples(XmlWriter writer, string run)
    {
        string folder = Path.Combine(run, RunFolder.SamplesName);
        string[] files = Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*.txt").OrderDescending(StringComparer.Ordinal).Take(MostSamples)] : [];
        if (files.Length == 0)
        {
            return;
        }

        Element(writer, "h2", "What the model writes");
        foreach (string file in files)
        {
            writer.WriteStartElement("details");
            if (file == files[0])
            {
                writer.WriteAttributeString("open", "open");
            }

            Element(writer, "summary", "step " + Path.GetFileNameWithoutExtension(file).Replace("step-", string.Empty, StringComparison.Ordinal).TrimStart('0'));
            Element(writer, "pre", Start(file));
            writer.WriteEndElement();
        }
    }

    private static string Start(string file)
    {
        using StreamReader reader = new(file);
        char[] letters = new char[SampleLetters + 1];
        int count = reader.ReadBlock(letters);
        return new string(letters, 0, Math.Min(count, SampleLetters)) + (count > SampleLetters ? " …" : string.Empty);
    }

    private static void Configuration(XmlWriter writer, PretrainConfig config)
    {
        Element(writer, "h2", "Configuration");
        Element(writer, "p", $"In bold what differs from the preset {config.Preset}.", "lead");
        HashSet<string> changed = [.. config.Diff(Presets.Get(config.Preset)).Select(d => d.Field.Key)];
        Table(
            writer,
            ["key", "value"],
            ConfigFields.All.Where(f => f.Only.Count == 0 || f.Only.Contains(config.Objective) || f.Only.Contains(config.Model)).Select(f => (string[])[f.Key, f.Get(config)]),
            row => changed.Contains(row[0]));
    }

    private static void Table(XmlWriter writer, IReadOnlyList<string> head, IEnumerable<string[]> rows, Func<string[], bool>? bold = null)
    {
        writer.WriteStartElement("table");
        writer.WriteAttributeString("class", "num");
        Row(head, string.Empty, _ => "th", "col");
        foreach (string[] row in rows)
        {
            Row(row, bold?.Invoke(row) == true ? "changed" : string.Empty, i => i == 0 ? "th" : "td", "row");
        }

        writer.WriteEndElement();

        void Row(IReadOnlyList<string> cells, string style, Func<int, string> element, string scope)
        {
            writer.WriteStartElement("tr");
            if (style.Length > 0)
            {
                writer.WriteAttributeString("class", style);
            }

            for (int i = 0; i < cells.Count; i++)
            {
                writer.WriteStartElement(element(i));
                if (element(i) == "th")
                {
                    writer.WriteAttributeString("scope", scope);
                }

                writer.WriteString(SvgDrawing.Clean(cells[i]));
                writer.WriteFullEndElement();
            }

            writer.WriteEndElement();
        }
    }

    private static string Number(double value) => double.IsFinite(value) ? value.ToString(Math.Abs(value) >= 1e5 ? "#,0" : "g5", CultureInfo.InvariantCulture) : "–";

    private static void Meta(XmlWriter writer, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        writer.WriteStartElement("meta");
        foreach ((string name, string value) in attributes)
        {
            writer.WriteAttributeString(name, value);
        }

        writer.WriteEndElement();
    }

    private static void Element(XmlWriter writer, string name, string text, string style = "")
    {
        writer.WriteStartElement(name);
        if (style.Length > 0)
        {
            writer.WriteAttributeString("class", style);
        }

        // In HTML, <p/> would be an open tag.
        writer.WriteString(SvgDrawing.Clean(text));
        writer.WriteFullEndElement();
    }
}
