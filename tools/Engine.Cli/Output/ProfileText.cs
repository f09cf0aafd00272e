using System.Globalization;
using System.Text;
using System.Text.Json;
using Engine.Pretraining.Training;

namespace Engine.Cli.Output;

/// <summary>A profile as people and machines read it, in the 80 columns of a terminal. Figures are of one step: what happened between steps is spread over them.</summary>
internal static class ProfileText
{
    private const string Unknown = "–";

    /// <summary>The table, and where the trace is.</summary>
    public static string Of(in ProfileReport report)
    {
        if (report.Table is not { } table)
        {
            return $"profile: the run ended before step {report.FirstStep}, the first that would have been profiled.";
        }

        StringBuilder text = new();
        string steps = report.Steps == 1 ? $"step {report.FirstStep}" : $"steps {report.FirstStep} to {report.FirstStep + report.Steps - 1}";
        text.Append($"profile of {steps} on {report.Device}, per step; trace in {Text.Short(report.TraceFile)}\n");
        int width = table.Rows.Max(row => row.Op.Length);
        text.Append($"{"op".PadRight(width)} {"pass",-10} {"time",9} {"share",7} {"calls",5} {"GFLOP/s",7} {"GB/s",6} {"bytes",9}\n");
        foreach (ProfileRow row in table.Rows)
        {
            Append(text, row, table.Total, report.Steps, width);
        }

        Append(text, table.Total, table.Total, report.Steps, width);
        return text.ToString().TrimEnd('\n');
    }

    /// <summary>The same as properties of a JSON object, as sums over all steps.</summary>
    public static void Write(Utf8JsonWriter writer, in ProfileReport report)
    {
        writer.WriteString("device", report.Device);
        writer.WriteNumber("first_step", report.FirstStep);
        writer.WriteNumber("steps", report.Steps);
        if (report.Table is not { } table)
        {
            return;
        }

        writer.WriteString("trace", report.TraceFile);
        writer.WriteNumber("seconds", table.Total.Nanoseconds / 1e9);
        writer.WriteStartArray("rows");
        foreach (ProfileRow row in table.Rows)
        {
            writer.WriteStartObject();
            writer.WriteString("op", row.Op);
            writer.WriteString("pass", row.Pass);
            writer.WriteNumber("seconds", row.Nanoseconds / 1e9);
            writer.WriteNumber("calls", row.Calls);
            writer.WriteNumber("launches", row.Launches);
            writer.WriteNumberOrNull("flop", row.Cost.Flops);
            writer.WriteNumberOrNull("bytes", row.Cost.Bytes);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Append(StringBuilder text, in ProfileRow row, in ProfileRow total, long steps, int width)
    {
        double share = total.Nanoseconds > 0 ? row.Nanoseconds / (double)total.Nanoseconds : 0;
        string pass = row.Pass.Length == 0 && row.Op != total.Op ? Unknown : row.Pass;
        double time = row.Nanoseconds / 1e6 / steps;
        string calls = row.Calls > 0 ? $"{row.Calls / (double)steps:0.#}" : Unknown;
        string bytes = row.Cost.Bytes > 0 ? Bytes.Format((long)(row.Cost.Bytes / steps)) : Unknown;
        text.Append(
            $"{row.Op.PadRight(width)} {pass,-10} {time.ToString(time < 10 ? "0.000" : time < 100 ? "0.00" : "0.0", CultureInfo.InvariantCulture),6} ms {share * 100,5:0.0} % {calls,5} " +
            $"{Rate(row.GigaFlops),7} {Rate(row.GigaBytes),6} {bytes,9}\n");
    }

    private static string Rate(double rate) => double.IsFinite(rate) ? $"{rate:0.0}" : Unknown;
}
