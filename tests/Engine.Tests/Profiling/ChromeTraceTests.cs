using System.Text.Json;
using Engine.KernelLanguage;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Tests.Profiling;

public sealed class ChromeTraceTests
{
    private sealed record Event(string Name, string Category, int Track, long Start, long End);

    [Fact]
    public void Events_are_in_order_and_nest_and_none_is_missing() => Prop.ForAll(
        ArbMap.Default.ArbFor<int>(),
        ArbMap.Default.ArbFor<bool>(),
        (seed, runsBehind) =>
        {
            DeviceProfile profile = Profiles.Random(seed, runsBehind);
            Event[] events = Read(profile);
            foreach (IGrouping<int, Event> track in events.GroupBy(e => e.Track))
            {
                AssertNested([.. track]);
            }

            Assert.Equal(
                profile.Launches.Select(l => (l.Kernel, l.Start, l.Start + l.Nanoseconds)).Order(),
                events.Where(e => e.Category == "kernel").Select(e => (e.Name, e.Start, e.End)).Order());
            Assert.Equal(
                profile.Spans.Select(s => (s.Name, s.Start, s.Start + s.Nanoseconds)).Order(),
                events.Where(e => e.Category != "kernel" && e.Track == 1).Select(e => (e.Name, e.Start, e.End)).Order());
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Each_kernel_lies_in_its_op_and_that_in_its_phase()
    {
        DeviceProfile profile = new(
            1000,
            runsBehind: false,
            [new("step", SpanKind.Step, -1, 0, 900), new("forward", SpanKind.Phase, 0, 10, 800), new("Linear", SpanKind.Forward, 1, 20, 700)],
            [new("Gemm<Identity>", 2, 4, new KernelCost(3000, 1500), 25, 30, 600)]);
        Assert.Equal(
            [("step", "step", 0, 900), ("forward", "phase", 10, 810), ("Linear", "op", 20, 720), ("Gemm<Identity>", "kernel", 30, 630)],
            Read(profile).Select(e => (e.Name, e.Category, e.Start, e.End)));
    }

    [Fact]
    public void On_a_device_that_runs_behind_an_op_lasts_as_long_as_its_kernels()
    {
        DeviceProfile profile = new(
            1000,
            runsBehind: true,
            [new("forward", SpanKind.Phase, -1, 0, 9), new("Linear", SpanKind.Forward, 0, 1, 7), new("View", SpanKind.Forward, 0, 8, 1)],
            [new("Gemm", 1, 4, KernelCost.Unknown, 2, 30, 60), new("Fill", 1, 1, KernelCost.Unknown, 3, 100, 50), new("Fill", -1, 1, KernelCost.Unknown, 9, 200, 1)]);
        Assert.Equal(
            [("forward", 1, 0, 9), ("Linear", 1, 1, 8), ("View", 1, 8, 9), ("forward", 2, 30, 150), ("Linear", 2, 30, 150), ("Gemm", 2, 30, 90), ("Fill", 2, 100, 150), ("Fill", 2, 200, 201)],
            Read(profile).Select(e => (e.Name, e.Track, e.Start, e.End)));
    }

    // Every event, in the order of the file; times back in nanoseconds.
    private static Event[] Read(DeviceProfile profile)
    {
        using MemoryStream stream = new();
        ChromeTrace.Write(stream, profile, "test");
        using JsonDocument json = JsonDocument.Parse(stream.ToArray());
        return
        [
            .. json.RootElement.GetProperty("traceEvents").EnumerateArray().Where(e => e.GetProperty("ph").GetString() == "X").Select(e =>
            {
                long start = (long)Math.Round(e.GetProperty("ts").GetDouble() * 1000);
                long nanoseconds = (long)Math.Round(e.GetProperty("dur").GetDouble() * 1000);
                Assert.True(nanoseconds >= 0);
                return new Event(
                    e.GetProperty("name").GetString()!, e.GetProperty("cat").GetString()!, e.GetProperty("tid").GetInt32(), start, start + nanoseconds);
            }),
        ];
    }

    // As a viewer stacks them: an event begins when the one around it has begun, and ends no later.
    private static void AssertNested(Event[] events)
    {
        Stack<Event> open = new();
        long last = 0;
        foreach (Event e in events)
        {
            Assert.True(e.Start >= last, "the events of a track are in the order of time");
            last = e.Start;
            while (open.TryPeek(out Event? around) && around.End <= e.Start && !(around.End == e.Start && e.End == e.Start))
            {
                open.Pop();
            }

            Assert.True(!open.TryPeek(out Event? outer) || e.End <= outer.End, $"{e} reaches out of {outer}");
            open.Push(e);
        }
    }
}
