using System.Text.Encodings.Web;
using System.Text.Json;

namespace Engine;

/// <summary>
/// Writes a profile in the JSON of the Trace Event Format, which chrome://tracing and Perfetto open: one complete event for each
/// span and each launch. Where launches wait, steps, phases, ops and kernels nest on one track. Where the device runs
/// behind, the host's track has what it queued when, and the device's has the kernels under ops and phases that last from
/// the first of their kernels to the end of the last.
/// </summary>
public static class ChromeTrace
{
    private const int HostTrack = 1;
    private const int DeviceTrack = 2;
    private const int EventsPerFlush = 1000;

    // Kernel names have angle brackets, which are no danger outside of web pages.
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a profile.</summary>
    /// <param name="stream">Where to; UTF-8, not closed.</param>
    /// <param name="profile">The profile.</param>
    /// <param name="name">What was profiled, the name of the process in the viewer.</param>
    public static void Write(Stream stream, DeviceProfile profile, string name)
    {
        ArgumentNullException.ThrowIfNull(profile);
        using Utf8JsonWriter writer = new(stream, s_options);
        writer.WriteStartObject();
        writer.WriteString("displayTimeUnit", "ms");
        writer.WriteStartArray("traceEvents");
        WriteName(writer, "process_name", HostTrack, name);
        WriteName(writer, "thread_name", HostTrack, profile.RunsBehind ? "host" : "host and kernels");
        if (profile.RunsBehind)
        {
            WriteName(writer, "thread_name", DeviceTrack, "device");
            WriteTrack(writer, profile, HostTrack, Spans(profile.Spans));
            WriteTrack(writer, profile, DeviceTrack, Spans(OnDevice(profile)).Concat(Kernels(profile)));
        }
        else
        {
            WriteTrack(writer, profile, HostTrack, Spans(profile.Spans).Concat(Kernels(profile)));
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static IEnumerable<Event> Spans(IEnumerable<ProfiledSpan> spans) =>
        spans.Select((span, i) => new Event(span.Start, span.Nanoseconds, i, IsKernel: false, span.Name, Category(span.Kind)))
            .Where(e => e.Nanoseconds >= 0);

    private static IEnumerable<Event> Kernels(DeviceProfile profile) =>
        profile.Launches.Select((l, i) => new Event(l.Start, l.Nanoseconds, i, IsKernel: true, l.Kernel, "kernel"));

    // The spans as the device sees them; those without a kernel are marked by a negative time.
    private static ProfiledSpan[] OnDevice(DeviceProfile profile)
    {
        ProfiledSpan[] spans = [.. profile.Spans.Select(span => span with { Start = 0, Nanoseconds = -1 })];
        foreach (ProfiledLaunch launch in profile.Launches)
        {
            long end = launch.Start + launch.Nanoseconds;
            for (int i = launch.Span; i >= 0; i = spans[i].Parent)
            {
                ProfiledSpan span = spans[i];
                long first = span.Nanoseconds < 0 ? launch.Start : Math.Min(span.Start, launch.Start);
                long last = span.Nanoseconds < 0 ? end : Math.Max(span.Start + span.Nanoseconds, end);
                spans[i] = span with { Start = first, Nanoseconds = last - first };
            }
        }

        return spans;
    }

    // In the order of time, and what lies around something else before it, as viewers want it.
    private static void WriteTrack(Utf8JsonWriter writer, DeviceProfile profile, int track, IEnumerable<Event> events)
    {
        int written = 0;
        foreach (Event e in events.OrderBy(e => e.Start).ThenByDescending(e => e.Nanoseconds).ThenBy(e => e.IsKernel).ThenBy(e => e.Index))
        {
            writer.WriteStartObject();
            writer.WriteString("name", e.Name);
            writer.WriteString("cat", e.Category);
            writer.WriteString("ph", "X");
            writer.WriteNumber("ts", e.Start / 1000.0);
            writer.WriteNumber("dur", e.Nanoseconds / 1000.0);
            writer.WriteNumber("pid", 1);
            writer.WriteNumber("tid", track);
            if (e.IsKernel)
            {
                WriteLaunch(writer, profile.Launches[e.Index]);
            }

            writer.WriteEndObject();
            if (++written % EventsPerFlush == 0)
            {
                writer.Flush();
            }
        }
    }

    private static void WriteLaunch(Utf8JsonWriter writer, in ProfiledLaunch launch)
    {
        writer.WriteStartObject("args");
        writer.WriteNumber("blocks", launch.Blocks);
        WriteIfKnown(writer, "flop", launch.Cost.Flops);
        WriteIfKnown(writer, "bytes", launch.Cost.Bytes);
        WriteIfKnown(writer, "GFLOP/s", launch.Cost.Flops / launch.Nanoseconds);
        WriteIfKnown(writer, "GB/s", launch.Cost.Bytes / launch.Nanoseconds);
        writer.WriteEndObject();
    }

    private static void WriteIfKnown(Utf8JsonWriter writer, string name, double value)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumber(name, value);
        }
    }

    private static void WriteName(Utf8JsonWriter writer, string what, int track, string name)
    {
        writer.WriteStartObject();
        writer.WriteString("name", what);
        writer.WriteString("ph", "M");
        writer.WriteNumber("pid", 1);
        writer.WriteNumber("tid", track);
        writer.WriteStartObject("args");
        writer.WriteString("name", name);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static string Category(SpanKind kind) => kind switch
    {
        SpanKind.Step => "step",
        SpanKind.Phase => "phase",
        SpanKind.Forward => "op",
        _ => "op backward",
    };

    private readonly record struct Event(long Start, long Nanoseconds, int Index, bool IsKernel, string Name, string Category);
}
