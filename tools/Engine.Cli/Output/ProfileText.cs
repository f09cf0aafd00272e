using System.Text;
using System.Text.Json;
using Engine.Pretraining.Training;

namespace Engine.Cli.Output;

/// <summary>A profile as people and machines read it. Figures are of one step: what happened between steps is spread over them.</summary>
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
        text.Append($"{"op",-26} {"pass",-10} {"time",11} {"share",8} {"calls",7} {"GFLOP/s",9} {"GB/s",7} {"bytes",11}\n");
        foreach (ProfileRow row in table.Rows)
        {
            Append(text, row, table.Total, report.Steps);
        }

        Append(text, table.Total, table.Total, report.Steps);
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

    private static void Append(StringBuilder text, in ProfileRow row, in ProfileRow total, long steps)
    {
        double share = total.Nanoseconds > 0 ? row.Nanoseconds / (double)total.Nanoseconds : 0;
        string pass = row.Pass.Length == 0 && row.Op != total.Op ? Unknown : row.Pass;
        string calls = row.Calls > 0 ? $"{row.Calls / (double)steps:0.##}" : Unknown;
        string bytes = row.Cost.Bytes > 0 ? Bytes.Format((long)(row.Cost.Bytes / steps)) : Unknown;
        text.Append(
            $"{row.Op,-26} {pass,-10} {row.Nanoseconds / 1e6 / steps,8:0.000} ms {share * 100,6:0.0} % {calls,7} " +
            $"{Rate(row.GigaFlops),9} {Rate(row.GigaBytes),7} {bytes,11}\n");
    }

    private static string Rate(double rate) => double.IsFinite(rate) ? $"{rate:0.0}" : Unknown;
}
