using Engine.KernelLanguage;
using Engine.Kernels;
using Engine.Testing;
using Xunit;

namespace Engine.Tests.Cpu;

/// <summary>
/// The blocked attention of every vector width, also of those this machine would run in software, against the kernels' bodies:
/// edges of blocks, groups and panels, cuts by masks and windows, and rows with NaN between them.
/// </summary>
public sealed unsafe class AttentionSimdTests
{
    private const int Gap = 3;

    private static readonly SimdLevel[] Widths = [SimdLevel.Vector128, SimdLevel.Avx2, SimdLevel.Avx512];

    private static readonly AttentionShape[] Shapes =
    [
        new(2, 2, 2, 64, 64, 32, 0.2f, Causal: true, Window: 0),
        new(1, 4, 2, 70, 133, 33, 0.2f, Causal: true, Window: 0),
        new(1, 1, 1, 133, 70, 8, 0.3f, Causal: true, Window: 0),
        new(2, 2, 1, 5, 131, 20, 0.2f, Causal: false, Window: 0),
        new(1, 2, 2, 129, 129, 5, 0.4f, Causal: false, Window: 9),
        new(1, 3, 1, 97, 200, 16, 0.2f, Causal: true, Window: 70),
        new(1, 1, 1, 1, 77, 64, 0.1f, Causal: true, Window: 0),
        new(1, 1, 1, 3, 2, 1, 1f, Causal: false, Window: 1),
    ];

    public static TheoryData<SimdLevel, int> Cases => [.. Widths.SelectMany(_ => Shapes, (level, s) => (level, Array.IndexOf(Shapes, s)))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_width_equals_the_body(SimdLevel level, int shape)
    {
        Compare(level, Shapes[shape], extras: false, ranges: false, threads: 1);
        Compare(level, Shapes[shape], extras: true, ranges: false, threads: 3);
        Compare(level, Shapes[shape], extras: false, ranges: true, threads: 3);
        Compare(level, Shapes[shape], extras: true, ranges: true, threads: 1);
    }

    private static void Compare(SimdLevel level, AttentionShape s, bool extras, bool ranges, int threads)
    {
        string what = $"{level} {s} extras {extras} ranges {ranges}";
        using CpuWorkers workers = new(threads);
        CpuOverrides overrides = SimdOverrides.For(level);
        using Memory memory = new();
        HeadLayout lq = Layout(s.Hq, s.Tq, s.D);
        HeadLayout lk = Layout(s.Hk, s.Tk, s.D);
        long queries = (long)s.B * s.Hq * s.Tq;
        long keys = (long)s.B * s.Hk * s.Tk;
        long scores = (long)s.Hq * s.Tq * s.Tk;
        View<float> Result(long rows) => memory.New(rows, s.D, (_, _) => 7f);
        View<float> q = memory.Random(queries, s.D);
        View<float> k = memory.Random(keys, s.D);
        View<float> v = memory.Random(keys, s.D);
        View<float> dO = memory.Random(queries, s.D);
        View<float> bias = extras ? memory.Random(1, (int)scores) : default;
        View<int> keyMask = extras ? memory.Mask(s.B * s.Tk) : default;

        View<int> keyRanges = ranges ? memory.Ranges(s.B, s.Tq, s.Tk) : default;
        View<int> queryRanges = ranges ? memory.Ranges(s.B, s.Tk, s.Tq) : default;

        View<float> o = Result(queries);
        View<float> lse = memory.New(1, (int)queries, (_, _) => 0f);
        AttentionForward<float, Float32Element> forward = new(q, k, v, o, lse, keyMask, bias, keyRanges, lq, lk, lk, lq, s);
        AttentionForward<float, Float32Element> fast = forward with { o = Result(queries), lse = memory.New(1, (int)queries, (_, _) => 0f) };
        Body(forward, queries);
        Assert.True(overrides.TryRun(KernelDescriptor<AttentionForward<float, Float32Element>>.Instance, &fast, queries, workers));
        Same(o, fast.o, what);
        Same(lse, fast.lse, what + " log-sum-exp");

        long blocks = Attention.BackwardBlocks(s);
        AttentionBackward<float, Float32Element> backward = new(
            q, k, v, o, lse, keyMask, bias, keyRanges, queryRanges, dO, Result(queries), Result(keys), Result(keys), lq, lk, lk, lq, lq, lk, lk, s);
        AttentionBackward<float, Float32Element> fastBackward = backward with { dQ = Result(queries), dK = Result(keys), dV = Result(keys) };
        Body(backward, blocks);
        Assert.True(overrides.TryRun(KernelDescriptor<AttentionBackward<float, Float32Element>>.Instance, &fastBackward, blocks, workers));
        Same(backward.dQ, fastBackward.dQ, what + " dQ");
        Same(backward.dK, fastBackward.dK, what + " dK");
        Same(backward.dV, fastBackward.dV, what + " dV");

        AttentionBiasBackward<float, Float32Element> ofBias = new(
            q, k, v, o, lse, keyMask, bias, keyRanges, dO, memory.New(1, (int)scores, (_, c) => c), lq, lk, lk, lq, s, accumulate: extras);
        AttentionBiasBackward<float, Float32Element> fastBias = ofBias with { dBias = memory.New(1, (int)scores, (_, c) => c) };
        Body(ofBias, (long)s.Hq * s.Tq);
        Assert.True(overrides.TryRun(KernelDescriptor<AttentionBiasBackward<float, Float32Element>>.Instance, &fastBias, (long)s.Hq * s.Tq, workers));
        Same(ofBias.dBias, fastBias.dBias, what + " dBias");
    }

    private static HeadLayout Layout(int heads, int rows, int D) => new((long)heads * rows * (D + Gap), (long)rows * (D + Gap), D + Gap);

    private static void Same(View<float> expected, View<float> actual, string what) => Tolerance.Parity.AssertClose(
        new ReadOnlySpan<float>(expected.Pointer, (int)expected.Length), new ReadOnlySpan<float>(actual.Pointer, (int)actual.Length), what);

    private static void Body<TKernel>(TKernel kernel, long blocks)
        where TKernel : struct, IKernel
    {
        for (long i = 0; i < blocks; i++)
        {
            kernel.Execute(new Block(i));
        }
    }

    /// <summary>Rows with a gap of NaN after each: a value read from there shows in the result, one written there in the comparison.</summary>
    private sealed class Memory : IDisposable
    {
        private readonly List<System.Runtime.InteropServices.GCHandle> _pins = [];
        private readonly RandomStream _random = new(5, stream: 1);

        public View<float> New(long rows, int columns, Func<long, int, float> value)
        {
            float[] values = new float[rows * (columns + Gap)];
            Array.Fill(values, float.NaN);
            for (long r = 0; r < rows; r++)
            {
                for (int c = 0; c < columns; c++)
                {
                    values[(r * (columns + Gap)) + c] = value(r, c);
                }
            }

            return new((float*)Pin(values), values.Length);
        }

        public View<float> Random(long rows, int columns) => New(rows, columns, (_, _) => (4f * _random.NextUniform()) - 2f);

        // The first batch keeps three of four keys, the second none of its first 64.
        public View<int> Mask(int n)
        {
            int[] mask = new int[n];
            for (int i = 0; i < n; i++)
            {
                mask[i] = i < n / 2 || i >= (n / 2) + 64 ? (int)_random.NextInt(4) : 0;
            }

            return new((int*)Pin(mask), n);
        }

        // Four sequences; in even batches each sees the one at the opposite place, in odd ones the one at its own.
        public View<int> Ranges(int B, int rows, int others)
        {
            const int Parts = 4;
            int[] ranges = new int[2 * B * rows];
            for (int i = 0; i < B * rows; i++)
            {
                int part = Enumerable.Range(0, Parts).First(p => i % rows < rows * (p + 1) / Parts);
                int partner = (i / rows) % 2 == 0 ? Parts - 1 - part : part;
                (ranges[2 * i], ranges[(2 * i) + 1]) = (others * partner / Parts, others * (partner + 1) / Parts);
            }

            return new((int*)Pin(ranges), ranges.Length);
        }

        public void Dispose() => _pins.ForEach(pin => pin.Free());

        private nint Pin(Array values)
        {
            _pins.Add(System.Runtime.InteropServices.GCHandle.Alloc(values, System.Runtime.InteropServices.GCHandleType.Pinned));
            return _pins[^1].AddrOfPinnedObject();
        }
    }
}
