using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Engine.Cli.Output;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Logs;
using Engine.Serialization;

namespace Engine.Cli.Commands;

/// <summary><c>engine runs</c>: what the run folders tell, one by one and side by side.</summary>
internal static class RunsCommand
{
    private const string Unknown = "–";

    public static Command Create(Host host)
    {
        Command command = new("runs", "List runs, show one, compare several, write their reports.");
        command.Subcommands.Add(List(host));
        command.Subcommands.Add(Show(host));
        command.Subcommands.Add(Compare(host));
        command.Subcommands.Add(Report(host));
        return command;
    }

    private static Command List(Host host)
    {
        Command command = new("list", "The runs of a folder, oldest first.");
        Argument<string> folder = new("FOLDER") { Description = "where the runs are [runs]", DefaultValueFactory = _ => "runs" };
        Option<bool> json = new("--json") { Description = "one JSON object a line" };
        command.Arguments.Add(folder);
        command.Options.Add(json);
        command.SetAction(result =>
        {
            IReadOnlyList<RunSummary> runs = RunSummary.ReadAll(result.GetRequiredValue(folder), note => host.Error.Write($"skipped: {note}\n"));
            if (result.GetValue(json))
            {
                foreach (RunSummary run in runs)
                {
                    JsonLines.Write(host.Out, w => Write(w, run));
                }

                return 0;
            }

            TextTable.Write(
                host.Out,
                ["run", "state", "objective", "model", "preset", ">steps", ">loss", ">val loss", ">tokens/s", "started (UTC)"],
                runs.Select(r => (string[])
                [
                    r.Name, RunFacts.NameOf(r.State), r.Config.Objective, r.Config.Model, r.Config.Preset, $"{r.Step}/{r.Config.MaxSteps}",
                    Loss(r.Last("loss")), Loss(r.Last("val_loss")), Speed(r), r.Started.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
                ]));
            return 0;
        });
        return command;
    }

    private static Command Show(Host host)
    {
        Command command = new("show", "One run: how it stands, its figures, its loss as a curve, its configuration.");
        Argument<string> path = RunArgument("engine runs show");
        Option<bool> json = new("--json") { Description = "one JSON object" };
        command.Arguments.Add(path);
        command.Options.Add(json);
        command.SetAction(result =>
        {
            RunSummary run = RunSummary.Read(result.GetRequiredValue(path));
            if (result.GetValue(json))
            {
                JsonLines.Write(host.Out, w => WriteWhole(w, run));
                return 0;
            }

            host.Out.Write($"{run.Name}: {run.Config.Objective} with {run.Config.Model}, {RunFacts.NameOf(run.State)} after step {run.Step} of {run.Config.MaxSteps}\n");
            if (run.Facts is { } facts)
            {
                host.Out.Write($"{Text.Count(facts.Parameters)} parameters on {facts.Device} in {run.Config.Precision}; begun {run.Started.UtcDateTime:yyyy-MM-dd HH:mm} UTC, {Text.Duration(facts.Elapsed)} of training\n");
            }

            Damaged(host, run);
            host.Out.Write("\n");
            Figures(host.Out, run);
            host.Out.Write("\n" + CurveText.Draw("loss", LossesOf(run)));
            IReadOnlyList<ConfigDifference> changes = Presets.Get(run.Config.Preset).Diff(run.Config);
            host.Out.Write($"\npreset {run.Config.Preset}{(changes.Count > 0 ? ", changed" : string.Empty)}\n");
            foreach (ConfigDifference change in changes)
            {
                host.Out.Write($"  {change}\n");
            }

            return 0;
        });
        return command;
    }

    private static Command Compare(Host host)
    {
        Command command = new("compare", "Runs side by side: figures, differences, curves one over the other.");
        Argument<string[]> paths = new("RUN") { Description = "folders of two or more runs", Arity = ArgumentArity.OneOrMore };
        Option<string> figure = new("--figure") { HelpName = "KEY", Description = "the figure of metrics.jsonl that is drawn [val_loss]", DefaultValueFactory = _ => "val_loss" };
        Option<string> output = new("--output") { HelpName = "FILE", Description = "a page with all figures (.html) or a drawing of one (.svg)" };
        Option<bool> json = new("--json") { Description = "one JSON object a line" };
        command.Arguments.Add(paths);
        command.Options.Add(figure);
        command.Options.Add(output);
        command.Options.Add(json);
        command.SetAction(result =>
        {
            string[] given = result.GetRequiredValue(paths);
            if (given.Length is < 2 or > CurveChart.MostSeries)
            {
                throw new EngineException($"engine runs compare: runs given: {given.Length}; expected 2 to {CurveChart.MostSeries}.");
            }

            RunSummary[] runs = [.. given.Select(RunSummary.Read)];
            string key = result.GetRequiredValue(figure);
            ChartSeries[] series = [.. RunReport.SeriesOf(runs, key)];
            if (series.Length == 0)
            {
                IEnumerable<string> known = runs.SelectMany(r => r.Curves.Keys).Distinct();
                throw new EngineException($"engine runs compare: no run has the figure {key}.{Nearest.Suggest(key, known)} There is: {string.Join(", ", known)}.");
            }

            if (result.GetValue(output) is { } file)
            {
                Write(file, runs, key, series);
            }

            if (result.GetValue(json))
            {
                foreach (RunSummary run in runs)
                {
                    JsonLines.Write(host.Out, w => Write(w, run));
                }

                return 0;
            }

            Array.ForEach(runs, run => Damaged(host, run));
            string[] head = ["", .. runs.Select(r => ">" + r.Name)];
            string[] keys = [.. runs.SelectMany(r => r.Curves.Keys).Distinct()];
            TextTable.Write(host.Out, head, [
                ["state", .. runs.Select(r => RunFacts.NameOf(r.State))],
                ["steps", .. runs.Select(r => $"{r.Step}/{r.Config.MaxSteps}")],
                ["parameters", .. runs.Select(r => r.Facts is { } f ? Text.Count(f.Parameters) : Unknown)],
                .. keys.Select(k => (string[])[k, .. runs.Select(r => Value(k, r.Last(k)))]),
                ["least val_loss", .. runs.Select(r => r.Curves.TryGetValue("val_loss", out Curve? c) ? Value("val_loss", c.Min) : Unknown)]]);
            ConfigField[] differing = [.. ConfigFields.All.Where(f => runs.Select(r => f.Get(r.Config)).Distinct().Count() > 1)];
            if (differing.Length > 0)
            {
                host.Out.Write("\n");
                TextTable.Write(host.Out, head, differing.Select(f => (string[])[f.Key, .. runs.Select(r => f.Get(r.Config))]));
            }

            host.Out.Write("\n" + CurveText.Draw(key, series));
            return 0;
        });
        return command;
    }

    private static Command Report(Host host)
    {
        Command command = new("report", "Write a run's report.html anew, also while it is running.");
        Argument<string> path = RunArgument("engine runs report");
        command.Arguments.Add(path);
        command.SetAction(result =>
        {
            host.Out.Write(Text.Short(RunReport.Write(result.GetRequiredValue(path))) + "\n");
            return 0;
        });
        return command;
    }

    private static Argument<string> RunArgument(string command) =>
        new("RUN") { Description = "folder of the run [the latest under runs/]", DefaultValueFactory = _ => LatestRun.For(command) };

    private static void Write(string file, RunSummary[] runs, string key, ChartSeries[] series)
    {
        switch (Path.GetExtension(file).ToUpperInvariant())
        {
            case ".HTML" or ".HTM":
                RunReport.WriteComparison(file, runs);
                break;
            case ".SVG":
                string drawing = SvgDrawing.Write(writer => CurveChart.Draw(writer, key, series, alone: true));
                AtomicFile.Write(file, stream => stream.Write(Encoding.UTF8.GetBytes(drawing)));
                break;
            default:
                throw new EngineException($"{file}: cannot be written as {Path.GetExtension(file)}; expected a name that ends with .html or .svg.");
        }
    }

    private static ChartSeries[] LossesOf(RunSummary run) =>
        [.. new[] { ("val_loss", "validation"), ("loss", "training") }.Where(k => run.Curves.ContainsKey(k.Item1)).Select(k => new ChartSeries(k.Item2, run.Curves[k.Item1]))];

    private static void Figures(TextWriter output, RunSummary run) => TextTable.Write(
        output, ["figure", ">last", ">least", ">greatest"],
        run.Curves.Where(c => c.Value.Count > 0).Select(c => (string[])[c.Key, Value(c.Key, c.Value.Last), Value(c.Key, c.Value.Min), Value(c.Key, c.Value.Max)]));

    private static void Damaged(Host host, RunSummary run)
    {
        if (run.DamagedLines > 0)
        {
            host.Error.Write($"{run.Path}: {run.DamagedLines} damaged {(run.DamagedLines == 1 ? "line" : "lines")} of metrics.jsonl left out\n");
        }
    }

    private static void Write(Utf8JsonWriter json, RunSummary run)
    {
        json.WriteString("run", run.Path);
        json.WriteString("state", RunFacts.NameOf(run.State));
        json.WriteString("objective", run.Config.Objective);
        json.WriteString("model", run.Config.Model);
        json.WriteString("preset", run.Config.Preset);
        json.WriteNumber("step", run.Step);
        json.WriteNumber("max_steps", run.Config.MaxSteps);
        json.WriteString("started", run.Started);
        if (run.Facts is { } facts)
        {
            json.WriteNumber("parameters", facts.Parameters);
            json.WriteString("device", facts.Device);
            json.WriteNumber("elapsed_seconds", facts.Elapsed.TotalSeconds);
        }

        foreach ((string key, Curve curve) in run.Curves)
        {
            json.WriteNumberOrNull(key, curve.Last);
        }
    }

    private static void WriteWhole(Utf8JsonWriter json, RunSummary run)
    {
        Write(json, run);
        json.WriteNumber("damaged_lines", run.DamagedLines);
        json.WritePropertyName("config");
        json.WriteRawValue(run.Config.ToJson());
        json.WriteStartObject("curves");
        foreach ((string key, Curve curve) in run.Curves)
        {
            json.WriteStartArray(key);
            foreach (CurvePoint point in curve.Points)
            {
                json.WriteStartArray();
                json.WriteNumberValue(point.Step);
                json.WriteNumberValue(point.Mean);
                json.WriteEndArray();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static string Loss(double loss) => double.IsFinite(loss) ? loss.ToString("0.0000", CultureInfo.InvariantCulture) : Unknown;

    private static string Value(string key, double value) =>
        !double.IsFinite(value) ? Unknown : key.EndsWith("_bytes", StringComparison.Ordinal) ? Bytes.Format((long)value) : Math.Abs(value) >= 1e5 ? Text.Count(value) : value.ToString("g5", CultureInfo.InvariantCulture);

    private static string Speed(RunSummary run) => double.IsFinite(run.Last("tokens_per_second")) ? $"{run.Last("tokens_per_second"):0}" : Unknown;
}
