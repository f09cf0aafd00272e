using System.CommandLine;
using System.Globalization;
using System.Text;
using Engine.Cli.Bench;
using Engine.Cli.Output;
using Engine.Pretraining.Evaluation;
using Engine.Pretraining.Logs;
using Engine.Serialization;

namespace Engine.Cli.Commands;

/// <summary><c>engine scaling</c>: fits loss over size through runs that differ in size only.</summary>
internal static class ScalingCommand
{
    public static Command Create(Host host)
    {
        Command command = new("scaling", "Fit a scaling law (Kaplan et al. 2020) through finished runs of different sizes.");
        Argument<string[]> runs = new("RUN") { Description = "folders of at least three runs with equally many tokens", Arity = ArgumentArity.OneOrMore };
        Option<string> svg = new("--svg") { HelpName = "FILE", Description = "draw runs and fit" };
        Option<bool> json = new("--json") { Description = "one JSON object" };
        command.Arguments.Add(runs);
        command.Options.Add(svg);
        command.Options.Add(json);
        command.SetAction(result =>
        {
            string[] given = result.GetRequiredValue(runs);
            ScalingPoint[] points = WorkProgress.Show(host, "reading runs", progress => given.Select((run, i) =>
            {
                progress.Report(new WorkDone("reading runs", i, given.Length, "runs"));
                return ScalingPoint.Of(run);
            }).OrderBy(p => p.Parameters).ToArray());
            ScalingLaw law = ScalingLaw.Fit(points);
            if (result.GetValue(svg) is { } file)
            {
                AtomicFile.Write(file, stream => stream.Write(Encoding.UTF8.GetBytes(ScalingChart.Draw(points, law))));
            }

            if (result.GetValue(json))
            {
                WriteJson(host.Out, points, law);
            }
            else
            {
                WriteTable(host.Out, points, law);
            }

            return 0;
        });
        return command;
    }

    private static void WriteTable(TextWriter output, ScalingPoint[] points, ScalingLaw law)
    {
        output.Write("parameters        C = 6ND    loss  law     run\n");
        foreach (ScalingPoint p in points)
        {
            output.Write(string.Create(CultureInfo.InvariantCulture, $"{p.Parameters,10}  {p.Flops,13:0.00e0}  {p.Loss:0.0000}  {law.LossAt(p.Parameters):0.0000}  {Text.Short(p.Run)}\n"));
        }

        output.Write(string.Create(CultureInfo.InvariantCulture, $"L(N) = (Nc / N)^α with α = {law.Alpha:0.0000}, Nc = {law.Nc:0.00e0}; R² = {law.RSquared:0.0000}\n"));
    }

    private static void WriteJson(TextWriter output, ScalingPoint[] points, ScalingLaw law) => JsonLines.Write(output, w =>
    {
        w.WriteNumber("alpha", law.Alpha);
        w.WriteNumberOrNull("nc", law.Nc);
        w.WriteNumber("r_squared", law.RSquared);
        w.WriteNumber("tokens", points[0].Tokens);
        w.WriteStartArray("runs");
        foreach (ScalingPoint p in points)
        {
            w.WriteStartObject();
            w.WriteString("run", p.Run);
            w.WriteNumber("parameters", p.Parameters);
            w.WriteNumber("flops", p.Flops);
            w.WriteNumber("val_loss", p.Loss);
            w.WriteEndObject();
        }

        w.WriteEndArray();
    });
}
