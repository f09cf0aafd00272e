using Engine.KernelLanguage;
using Engine.Kernels;
using Engine.Testing;
using Xunit;

namespace Engine.Tests.Cpu;

/// <summary>Rows with infinite and missing logits, in one piece and in three, at every width against the kernels' bodies.</summary>
public sealed class InfiniteLogitsTests
{
    private const float Inf = float.PositiveInfinity;

    public static TheoryData<SimdLevel, int> Lengths =>
        [.. from level in SimdLevels.Available where level != SimdLevel.None from C in new[] { 37, 2100 } select (level, C)];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Log_sum_exp_is_that_of_the_body(SimdLevel level, int C) => Compare(level, C, missing: false, (device, r) =>
    {
        device.Launch(new LogSumExpForward(r.X, r.Lse, C, 1), r.N);
        device.Launch(new LogSumExpBackward(r.X, r.Lse, r.Ones, r.Y, C, 1), r.N);
    });

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Softmax_is_that_of_the_body(SimdLevel level, int C)
    {
        foreach (bool log in new[] { false, true })
        {
            Compare(level, C, missing: true, (device, r) => device.Launch(new SoftmaxForward(r.X, r.Y, C, 1, log), r.N));
            Compare(level, C, missing: true, (device, r) =>
            {
                device.Launch(new SoftmaxForward(r.X, r.X, C, 1, log), r.N);
                Copy(device, r);
            });
        }
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Cross_entropy_is_that_of_the_body(SimdLevel level, int C)
    {
        foreach (float smoothing in new[] { 0f, 0.1f })
        {
            Compare(level, C, missing: true, (device, r) =>
            {
                device.Launch(new CrossEntropyForward<float, Float32Element>(r.X, r.Targets, default, r.Lse, r.Loss, C, smoothing, -100), r.N);
                device.Launch(new CrossEntropyBackward<float, Float32Element>(r.X, r.Targets, default, r.Lse, r.Ones, default, r.Y, C, smoothing, -100, true), r.N);
            });
        }

        Compare(level, C, missing: true, (device, r) =>
            device.Launch(new CrossEntropyGradient<float, Float32Element>(r.X, r.Targets, r.Y, r.Loss, C, -100), r.N));
        Compare(level, C, missing: true, (device, r) =>
        {
            device.Launch(new CrossEntropyGradient<float, Float32Element>(r.X, r.Targets, r.X, r.Loss, C, -100), r.N);
            Copy(device, r);
        });
    }

    // If missing, results in rows with +∞ must be NaN throughout, as PyTorch's are.
    private static void Compare(SimdLevel level, int C, bool missing, Action<Device, Logits> launch)
    {
        int[] places = [0, C / 2, C - 1];
        float[][] without =
        [
            [.. Enumerable.Repeat(-Inf, C)],
            [.. Enumerable.Range(0, C).Select(i => i % 2 == 0 ? -Inf : i)],
            [.. Enumerable.Range(0, C).Select(i => i < C / 2 ? -Inf : i)],
            [.. Enumerable.Range(0, C).Select(i => i * 0.01f)],
            [.. Enumerable.Range(0, C).Select(i => i * -1e35f)],
            [.. Enumerable.Repeat(float.NaN, C)],
            .. places.Select(at => Enumerable.Range(0, C).Select(i => i == at ? float.NaN : i * 0.01f).ToArray()),
        ];

        // Beside +∞ there are logits whose exponentials overflow, and others, in pieces before it and after it.
        float[][] with =
        [
            .. places.Select(at => Enumerable.Range(0, C).Select(i => i == at ? Inf : i % 3 == 0 ? 100f : i % 3 == 1 ? 3f : -Inf).ToArray()),
            .. places.Select(at => Enumerable.Range(0, C).Select(i => i == at ? Inf : i == (at + (C / 2)) % C ? float.NaN : 1e30f).ToArray()),
        ];
        float[][] rows = [.. without, .. with];
        using CpuDevice device = new(threads: 1, level);
        using Device reference = TestDevices.Reference();
        float[] expected = Results(reference);
        Tolerance.Parity.AssertClose(expected, Results(device), $"{level}, rows of {C}");
        Assert.True(!missing || expected.AsSpan(without.Length * C, with.Length * C).IndexOfAnyExcept(float.NaN) < 0);

        float[] Results(Device d)
        {
            using Tensor x = Tensor.From<float>(d, [.. rows.SelectMany(r => r)], [rows.Length, C]);
            using Tensor targets = Tensor.From<int>(d, [.. rows.Select((_, i) => i == 3 ? -100 : i * C / rows.Length)], [rows.Length]);
            using Tensor ones = Tensor.From<float>(d, [.. rows.Select(_ => 1f)], [rows.Length]);
            using Tensor y = Tensor.Zeros(d, [rows.Length, C]);
            using Tensor lse = Tensor.Zeros(d, [rows.Length]);
            using Tensor loss = Tensor.Zeros(d, [rows.Length]);
            launch(d, new(rows.Length, x.Flat<float>(), targets.Flat<int>(), ones.Flat<float>(), y.Flat<float>(), lse.Flat<float>(), loss.Flat<float>()));
            return [.. y.ToArray(), .. lse.ToArray(), .. loss.ToArray()];
        }
    }

    private static void Copy(Device device, Logits r) =>
        device.Launch(new CopyStrided<float>(r.X, r.Y, default, default, r.X.Length), Block.Cover(r.X.Length));

    private readonly record struct Logits(int N, View<float> X, View<int> Targets, View<float> Ones, View<float> Y, View<float> Lse, View<float> Loss);
}
