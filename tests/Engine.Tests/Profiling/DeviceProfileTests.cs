using Engine.Nn;
using Engine.Optim;
using Engine.Testing;
using Xunit;

namespace Engine.Tests.Profiling;

[Collection(TestDevices.Collection)]
public sealed class DeviceProfileTests
{
    public static TheoryData<string> Devices => [TestDevices.Cpus.First(), .. TestDevices.Accelerators, TestDevices.CudaOnHost];

    [Theory]
    [MemberData(nameof(Devices))]
    public void A_training_step_falls_into_passes_and_ops(string name)
    {
        using Device device = TestDevices.Open(name);
        using StepScope step = new(device);
        Parameter w = new("w", Tensor.From<float>(device, [0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f], [2, 3]));
        using GradientClipping clipping = new([w]);
        using AdamW optimizer = new(ParameterGroup.Split([w], 0), 0.1);
        Train(device, step, w, clipping, optimizer);
        device.BeginProfile();
        Train(device, step, w, clipping, optimizer);
        Train(device, step, w, clipping, optimizer);
        DeviceProfile profile = device.EndProfile();

        ProfileTable table = new(profile);
        Assert.Equal(
            [("AdamStep", "optimizer", 2), ("Linear", "backward", 2), ("Linear", "forward", 2)],
            table.Rows.Where(row => row.Op is "Linear" or "AdamStep").Select(row => (row.Op, row.Pass, row.Calls)).Order());
        Assert.Contains(table.Rows, row => row is { Op: "SumOfSquares", Pass: "clip" });
        Assert.Equal(profile.Nanoseconds, table.Rows.Sum(row => row.Nanoseconds));
        Assert.Equal(name.StartsWith("opencl", StringComparison.Ordinal) || name.StartsWith("cuda", StringComparison.Ordinal), profile.RunsBehind);
        long last = 0;
        foreach (ProfiledLaunch launch in profile.Launches)
        {
            Assert.True(launch.Start >= last && launch.Start >= launch.Queued, $"{launch} starts before it was queued, or before the one before has ended");
            last = launch.Start + launch.Nanoseconds;
            ProfiledSpan span = launch.Span < 0 ? new("", SpanKind.Step, -1, 0, profile.Nanoseconds) : profile.Spans[launch.Span];
            Assert.InRange(launch.Queued, span.Start, span.Start + span.Nanoseconds);
            Assert.True(profile.RunsBehind || last <= span.Start + span.Nanoseconds, $"{launch} lies in {span}");
        }
    }

    [Fact]
    public void Spans_nest_and_end_by_an_exception_too()
    {
        using Device device = TestDevices.Reference();
        using (device.Span("nobody profiles"))
        {
            device.BeginProfile();
        }

        Action work = () =>
        {
            using ProfileSpan outer = device.Span("outer", SpanKind.Step);
            ProfileSpan inner = device.Span("inner");
            throw new EngineException("with the inner span still open");
        };
        Assert.Throws<EngineException>(work);
        ProfileSpan open = device.Span("open");
        DeviceProfile profile = device.EndProfile();
        open.Dispose();
        Assert.Equal([("outer", -1), ("inner", 0), ("open", -1)], profile.Spans.Select(s => (s.Name, s.Parent)));
        Assert.All(profile.Spans, s => Assert.InRange(s.Nanoseconds, 0, profile.Nanoseconds - s.Start));
        Assert.Equal(profile.Spans[0].Start + profile.Spans[0].Nanoseconds, profile.Spans[1].Start + profile.Spans[1].Nanoseconds);
        Assert.Equal(0, device.ProfiledLaunches);
    }

    [Fact]
    public void A_profile_begins_once_and_ends_once()
    {
        using Device device = TestDevices.Reference();
        Assert.Equal("cpu: profiling has not begun; call BeginProfile() first.", Assert.Throws<EngineException>(device.EndProfile).Message);
        device.BeginProfile();
        Assert.Equal("cpu: profiling has begun already; call EndProfile() first.", Assert.Throws<EngineException>(device.BeginProfile).Message);
        Assert.Empty(device.EndProfile().Launches);
    }

    private static void Train(Device device, StepScope step, Parameter w, GradientClipping clipping, AdamW optimizer)
    {
        using (device.Span("step", SpanKind.Step))
        {
            Tensor loss;
            using (device.Span("forward"))
            {
                loss = step.From<float>([1f, 2f, 3f, 4f, 5f, 6f], [2, 3]).Linear(w.Value).Mean();
            }

            step.Backward(loss);
            clipping.Measure(1);
            optimizer.Step(clipping.Scale);
            optimizer.ZeroGrad();
            step.Clear();
        }
    }
}
