using Engine.KernelLanguage;
using Engine.Testing;
using Xunit;

namespace Engine.Tests.Devices;

/// <summary>
/// The collectives of device preludes for awkward numbers of lanes, against <see cref="BlockTeam"/>; each twice in a row, since
/// the second must not overtake a lane that still reads the first.
/// </summary>
[Collection(TestDevices.Collection)]
public sealed class CollectiveTests
{
    private const int Blocks = 5;

    private delegate void Runner(Device device);

    private static readonly Dictionary<int, Runner> Lanes = new()
    {
        [1] = Check<One>,
        [2] = Check<Two>,
        [15] = Check<Fifteen>,
        [16] = Check<Sixteen>,
        [33] = Check<ThirtyThree>,
        [64] = Check<SixtyFour>,
        [100] = Check<Hundred>,
        [256] = Check<TwoHundredFiftySix>,
    };

    public static TheoryData<string, int> Cases => [.. from device in TestDevices.Accelerators.Append(TestDevices.CudaOnHost) from lanes in Lanes.Keys select (device, lanes)];

    private interface ILanes
    {
        static abstract int Count { get; }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Collectives_agree_with_their_definition(string deviceName, int lanes)
    {
        using Device device = TestDevices.Open(deviceName);
        Lanes[lanes](device);
    }

    private static unsafe void Check<L>(Device device)
        where L : unmanaged, ILanes
    {
        int n = Blocks * L.Count;
        float[] x = new float[n];
        for (int i = 0; i < n; i++)
        {
            // Small integers: sums are exact, so any order of additions gives the same number. One block has a NaN.
            x[i] = (int)(Philox.Word(5, 1, (ulong)i) % 2001) - 1000;
        }

        x[(3 * L.Count) + (L.Count / 2)] = float.NaN;
        float[] expected = new float[5 * n];
        fixed (float* source = x, target = expected)
        {
            BlockTeam.Run(new Collect<L>(new View<float>(source, n), new View<float>(target, 5 * n)), Blocks, L.Count);
        }

        Tensor input = Tensor.From<float>(device, x, [n]);
        Tensor result = Tensor.Empty(device, [5 * n]);
        device.Launch(new Collect<L>(input.Flat<float>(), result.Flat<float>()), Blocks);
        Assert.Equal(expected, result.ToArray());
    }

    /// <summary>y[5i …] = for lane i: sum, maximum, minimum of the truncated values, sum below, and the sum of twice the values.</summary>
    private readonly record struct Collect<L>(View<float> x, View<float> y) : IKernel
        where L : unmanaged, ILanes
    {
        public static KernelSource Source { get; } = TestKernels.Source(
            "Collect",
            L.Count,
            [new("x", "View<float>", IsView: true), new("y", "View<float>", IsView: true)],
            """
            ENG_SCRATCH(s_);
            i64 i = eng_block() * LANES + eng_lane();
            y[5 * i] = eng_block_sum(s_, x[i]);
            y[5 * i + 1] = eng_block_max(s_, x[i]);
            y[5 * i + 2] = (float)eng_block_min(s_, eng_f32_to_i32(x[i]));
            y[5 * i + 3] = eng_block_sum_below(s_, x[i]);
            y[5 * i + 4] = eng_block_sum(s_, 2.0f * x[i]);
            """);

        public void Execute(in Block b)
        {
            long i = (b.Index * b.Size) + b.Lane;
            y[5 * i] = b.Sum(x[i]);
            y[(5 * i) + 1] = b.Max(x[i]);
            y[(5 * i) + 2] = b.Min((int)x[i]);
            y[(5 * i) + 3] = b.SumBelow(x[i]);
            y[(5 * i) + 4] = b.Sum(2f * x[i]);
        }

        public void Bind(ref KernelArguments arguments)
        {
            arguments.Add(x);
            arguments.Add(y);
        }
    }

    private readonly struct One : ILanes
    {
        public static int Count => 1;
    }

    private readonly struct Two : ILanes
    {
        public static int Count => 2;
    }

    private readonly struct Fifteen : ILanes
    {
        public static int Count => 15;
    }

    private readonly struct Sixteen : ILanes
    {
        public static int Count => 16;
    }

    private readonly struct ThirtyThree : ILanes
    {
        public static int Count => 33;
    }

    private readonly struct SixtyFour : ILanes
    {
        public static int Count => 64;
    }

    private readonly struct Hundred : ILanes
    {
        public static int Count => 100;
    }

    private readonly struct TwoHundredFiftySix : ILanes
    {
        public static int Count => 256;
    }
}
