using Engine.KernelLanguage;
using Engine.Kernels;
using Engine.Testing;
using Xunit;

namespace Engine.Tests.Cpu;

/// <summary>What elementwise and row kernels do differently for sizes and layouts of their own, at every width.</summary>
public sealed unsafe class ElementwiseSimdTests
{
    public static TheoryData<SimdLevel> Levels => [.. SimdLevels.Available.Where(level => level != SimdLevel.None)];

    [Theory]
    [MemberData(nameof(Levels))]
    public void Streaming_a_large_result_changes_no_bit(SimdLevel level)
    {
        const int C = 1024;
        const long Rows = 4100;
        const long N = C * Rows;
        Assert.True(N * sizeof(float) >= Streams.Threshold && N / 2 * sizeof(float) < Streams.Threshold);
        using CpuDevice device = new(threads: 2, level);
        using Tensor x = Numbers(device, 1, N);
        using Tensor g = Numbers(device, 2, N);
        using Tensor gamma = Numbers(device, 3, C);
        using Tensor whole = Tensor.Zeros(device, [(int)N]);
        using Tensor halves = Tensor.Zeros(device, [(int)N]);
        using Tensor stats = Numbers(device, 4, Rows * 2);
        View<float> u = x.Flat<float>();
        View<float> v = g.Flat<float>();
        View<float> w = gamma.Flat<float>();
        View<float> s = stats.Flat<float>();
        Same("fill", (y, from, n) => device.Launch(new Fill<float>(y, 3f, n), Block.Cover(n)));
        Same("copy", (y, from, n) => device.Launch(new CopyStrided<int>(Ints(u, from), Ints(y, 0), default, default, n), Block.Cover(n)));
        Same("map", (y, from, n) => device.Launch(new Map<GeluTanh, float, Float32Element>(Part(u, from), y, 0f, n), Block.Cover(n)));
        Same("sum", (y, from, n) => device.Launch(new Combine<Sum, float, Float32Element>(Part(u, from), Part(v, from), y, default, default, n), Block.Cover(n)));
        Same("dropout", (y, from, n) => device.Launch(new Dropout<float, Float32Element>(Part(u, from), y, 5, 6, 7 + (ulong)from, 0.3f, 2f, n), Block.Cover(n)));
        Same("softmax", (y, from, n) => device.Launch(new SoftmaxForward(Part(u, from), y, C, 1, false), n / C));
        Same("softmax backward", (y, from, n) => device.Launch(new SoftmaxBackward(Part(u, from), Part(v, from), y, C, 1, false), n / C));
        Same("norm", (y, from, n) => device.Launch(
            new RowNormForward<float, Float32Element>(Part(u, from), w, default, y, default, default, C, 1e-5f, true), n / C));
        Same("norm backward", (y, from, n) => device.Launch(
            new RowNormBackward<float, Float32Element>(
                Part(u, from), w, Part(v, from), Part(s, from / C), Part(s, from / C), y, default, default, n / C, C, true),
            RowNormChunks.Of(n / C)));

        // Rows that begin anywhere in a line of the cache.
        const int V = 1023;
        const long Logits = V * 4104;
        using Tensor targets = Tensor.From<int>(device, [.. Enumerable.Range(0, 4104).Select(i => i * 7 % V)], [4104]);
        View<int> classes = targets.Flat<int>();
        Same("cross-entropy", (y, from, n) => device.Launch(
            new CrossEntropyGradient<float, Float32Element>(Part(u, from), classes.From(from / V), y, Part(s, from / V), V, -100), n / V), Logits);
        Same("cross-entropy backward", (y, from, n) => device.Launch(
            new CrossEntropyBackward<float, Float32Element>(Part(u, from), classes.From(from / V), default, Part(s, from / V), w, default, y, V, 0f, -100, false), n / V), Logits);

        // Two elements of 16 bits in each place.
        using Tensor x16 = Tensor.Zeros(device, [(int)N]);
        View<BFloat16> u16 = new((BFloat16*)x16.Flat<float>().Pointer, 2 * N);
        device.Launch(new Cast<float, Float32Element, BFloat16, BFloat16Element>(u, u16, N), Block.Cover(N));
        device.Launch(new Cast<float, Float32Element, BFloat16, BFloat16Element>(v, u16.From(N), N), Block.Cover(N));
        Same("map of 16 bits", (y, from, n) => device.Launch(
            new Map<GeluTanh, BFloat16, BFloat16Element>(u16.From(2 * from), new((BFloat16*)y.Pointer, 2 * n), 0f, 2 * n), Block.Cover(2 * n)));

        void Same(string what, Action<View<float>, long, long> launch, long size = N)
        {
            launch(whole.Flat<float>(), 0, size);
            launch(Part(halves.Flat<float>(), 0), 0, size / 2);
            launch(Part(halves.Flat<float>(), size / 2), size / 2, size / 2);
            Assert.True(whole.ToArray().AsSpan().SequenceEqual(halves.ToArray()), what);
        }
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void Dropout_draws_the_words_of_the_random_stream(SimdLevel level)
    {
        using CpuDevice device = new(threads: 2, level);
        using Device reference = TestDevices.Reference();
        foreach ((ulong position, int n) in new[] { (0UL, 1), (1UL, 3), (2UL, 515), (3UL, 9001), (0xFFFF_FFFE_FFF5UL, 5000) })
        {
            Assert.Equal(Dropped(reference), Dropped(device));

            float[] Dropped(Device d)
            {
                using Tensor x = Numbers(d, 1, n);
                using Tensor y = Tensor.Zeros(d, [n]);
                d.Launch(
                    new Dropout<float, Float32Element>(x.Flat<float>(), y.Flat<float>(), 0x1234_5678_9ABC_DEF0, 0xF0E1_D2C3_B4A5, position, 0.3f, 1.25f, n), Block.Cover(n));
                return y.ToArray();
            }
        }
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void Broadcast_operands_are_those_of_the_body(SimdLevel level)
    {
        const int A = 3, B = 5, C = 70;
        const long N = A * B * C;
        Layout flat = default;
        Layout[] layouts =
        [
            flat,
            new([A * B, C], [0, 1]),
            new([A * B, C], [1, 0]),
            new([A, B, C], [C, 0, 1]),
            new([A, B, C], [0, C, 1]),
            new([A, B, C], [B, 1, 0]),
            new([A, B * C], [1, 0]),
            new([A, B, C], [1, A, A * B]),
            new([N], [0]),
        ];
        using CpuDevice device = new(threads: 2, level);
        using Device reference = TestDevices.Reference();
        foreach (Layout lu in layouts)
        {
            foreach (Layout lv in layouts)
            {
                Assert.Equal(Difference(reference), Difference(device));

                float[] Difference(Device d)
                {
                    using Tensor u = Numbers(d, 1, N);
                    using Tensor v = Numbers(d, 2, N);
                    using Tensor y = Tensor.Zeros(d, [(int)N]);
                    d.Launch(new Combine<Difference, float, Float32Element>(u.Flat<float>(), v.Flat<float>(), y.Flat<float>(), lu, lv, N), Block.Cover(N));
                    return y.ToArray();
                }
            }
        }
    }

    private static View<float> Part(View<float> x, long from) => new(x.Pointer + from, x.Length - from);

    private static View<int> Ints(View<float> x, long from) => new((int*)x.Pointer + from, x.Length - from);

    private static Tensor Numbers(Device device, ulong stream, long n)
    {
        RandomStream random = new(11, stream);
        float[] values = new float[n];
        for (int i = 0; i < n; i++)
        {
            values[i] = (8f * random.NextUniform()) - 4f;
        }

        return Tensor.From<float>(device, values, [(int)n]);
    }
}
