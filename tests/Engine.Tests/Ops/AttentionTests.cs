using Engine.Testing;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Tests.Ops;

/// <summary>Attention against its definition in primitive ops, its laws, its memory and its messages.</summary>
public sealed class AttentionTests
{
    private static AttentionOptions Causal => new(Causal: true);

    public static TheoryData<string> Slow => ["full", "causal", "window", "bias"];

    [Theory]
    [MemberData(nameof(Slow))]
    public void Agrees_with_its_definition(string kind)
    {
        InputSpec[] inputs = [new([2, 4, 9, 5]), new([2, 2, 11, 5]), new([2, 2, 11, 5]), new([4, 9, 11])];
        AttentionOptions Options(Tensor[] x) => kind switch
        {
            "causal" => Causal,
            "window" => new(Window: 4),
            "bias" => new(Bias: x[3]),
            _ => default,
        };
        AssertSame(
            new OpCase("fused", inputs, (_, x) => x[0].ScaledDotProductAttention(x[1], x[2], Options(x))),
            new OpCase("slow", inputs, (_, x) => AttentionOp.Slow(x[0], x[1], x[2], Options(x))));
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(false, 3)]
    public void Packed_sequences_are_as_if_alone(bool causal, int window)
    {
        int[] ends = [4, 5, 75, 90];
        int[] ranges = [.. Enumerable.Range(0, 90).SelectMany(i => new[] { ends.LastOrDefault(e => e <= i), ends.First(e => e > i) })];
        AttentionOptions options = new(Causal: causal, Window: window);
        InputSpec[] inputs = [new([1, 4, 90, 5]), new([1, 2, 90, 5]), new([1, 2, 90, 5])];
        AssertSame(
            new OpCase("packed", inputs, (s, x) =>
            {
                Tensor r = s.From<int>(ranges, [1, 90, 2]);
                return x[0].ScaledDotProductAttention(x[1], x[2], options with { KeyRanges = r, QueryRanges = r });
            }),
            new OpCase("alone", inputs, (_, x) => Tensor.Cat(2, [.. ends.Select((end, n) =>
            {
                Tensor Part(Tensor t) => t.Slice(2, n == 0 ? 0 : ends[n - 1], end);
                return AttentionOp.Slow(Part(x[0]), Part(x[1]), Part(x[2]), options);
            })])));
    }

    [Fact]
    public void The_packed_form_agrees_with_its_definition()
    {
        InputSpec[] inputs = [new([2, 37, 3 * 12])];
        AssertSame(
            new OpCase("fused", inputs, (_, x) => x[0].CausalSelfAttention(3)),
            new OpCase("slow", inputs, (_, x) => CausalSelfAttentionOp.Slow(x[0], 3)));
    }

    [Fact]
    public void A_query_without_a_visible_key_gives_zeros()
    {
        using Device device = new CpuDevice();
        StepScope scope = new(device);
        Tensor x = scope.From<float>([1f, 2f, 3f, 4f], [1, 1, 2, 2], requiresGrad: true);
        Tensor y = x.ScaledDotProductAttention(x, x, new(KeyMask: scope.From<int>([0, 0], [1, 2]))).Keep();
        scope.Backward(y.Sum());
        Assert.Equal([0f, 0f, 0f, 0f], y.ToArray());
        Assert.Equal([0f, 0f, 0f, 0f], StepScope.Grad(x).ToArray());
        scope.Clear();
    }

    [Fact]
    public void Large_scores_do_not_overflow()
    {
        using Device device = new CpuDevice();
        StepScope scope = new(device, recording: false);
        Tensor q = scope.From<float>([1e4f, -1e4f], [1, 1, 2, 1]);
        Tensor v = scope.From<float>([1f, 2f], [1, 1, 2, 1]);
        Assert.Equal([1f, 2f], q.ScaledDotProductAttention(q, v).ToArray());
        scope.Clear();
    }

    [Fact]
    public void The_same_bits_on_any_number_of_threads()
    {
        OpCase c = new("packed", [new([3, 130, 3 * 64])], (_, x) => x[0].CausalSelfAttention(2));
        using Device one = new CpuDevice(threads: 1);
        using Device three = new CpuDevice(threads: 3);
        OpCheck.Outcome expected = OpCheck.Run(c, one);
        OpCheck.Outcome actual = OpCheck.Run(c, three);
        Assert.Equal(expected.Result, actual.Result);
        Assert.Equal(expected.Grads[0]!, actual.Grads[0]!);
    }

    [Fact]
    public void Memory_grows_with_the_length_and_not_with_its_square()
    {
        const int T = 1024;
        using Device device = new CpuDevice();
        StepScope scope = new(device);
        Tensor qkv = scope.From<float>(new float[T * 3 * 16], [1, T, 3 * 16], requiresGrad: true);
        device.Memory.ResetPeak();
        scope.Backward(qkv.CausalSelfAttention(1).Sum());
        Assert.InRange(device.Memory.PeakBytes, 1, sizeof(float) * (long)T * T / 4);
        scope.Clear();
    }

    [Fact]
    public void A_steady_step_allocates_nothing()
    {
        // Not constants: spans over constant data cost an object where code is not optimised.
        (int B, int T, int H, int D) = (2, 70, 2, 16);
        using Device device = new CpuDevice(threads: 2);
        StepScope scope = new(device);
        Shape packed = [B, T, 3 * H * D];
        Shape keys = [B, T];
        float[] values = new float[packed.Count];
        int[] real = [.. Enumerable.Repeat(1, B * T)];
        int[] ranges = [.. Enumerable.Range(0, 2 * B * T).Select(i => i % 2 * T)];
        long before = 0;
        for (int step = 0; step < 4; step++)
        {
            before = GC.GetAllocatedBytesForCurrentThread();
            Tensor qkv = scope.From<float>(values, packed, requiresGrad: true);
            Tensor heads = qkv.CausalSelfAttention(H).Reshape(B, T, H, D).Transpose(1, 2).RotaryEmbedding();
            Tensor all = scope.From<int>(ranges, [B, T, 2]);
            Tensor y = heads.ScaledDotProductAttention(heads, heads, new(KeyMask: scope.From<int>(real, keys), KeyRanges: all, QueryRanges: all));
            scope.Backward(y.Reshape(B * T * H * D).Sum(0));
            scope.Clear();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Rotary_products_depend_on_the_distance_only() =>
        Prop.ForAll(Gen.Choose(0, 1000).ToArbitrary(), Gen.Choose(0, 50).ToArbitrary(), ArbMap.Default.ArbFor<bool>(), (p, distance, interleaved) =>
        {
            RotaryPairing pairing = interleaved ? RotaryPairing.Interleaved : RotaryPairing.Half;
            using Device device = new CpuDevice(threads: 1);
            StepScope scope = new(device, recording: false);
            Tensor q = scope.From<float>([1f, 2f, -1f, 0.5f], [1, 1, 1, 4]);
            Tensor k = scope.From<float>([0.5f, -1f, 2f, 1f], [1, 1, 1, 4]);
            float At(int offset) => (q.RotaryEmbedding(pairing, offset: offset + distance) * k.RotaryEmbedding(pairing, offset: offset)).Sum().Item();
            bool same = Math.Abs(At(p) - At(0)) < 1e-3f;
            scope.Clear();
            return same;
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(1, new[] { 0.00390625f })]
    [InlineData(2, new[] { 0.0625f, 0.00390625f })]
    [InlineData(3, new[] { 0.0625f, 0.00390625f, 0.25f })]
    [InlineData(6, new[] { 0.25f, 0.0625f, 0.015625f, 0.00390625f, 0.5f, 0.125f })]
    public void Alibi_slopes_of_any_number_of_heads(int heads, float[] expected)
    {
        using Device device = new CpuDevice(threads: 1);
        using Tensor slopes = Tensor.AlibiSlopes(device, heads);
        Tolerance.Parity.AssertClose(expected, slopes.ToArray(), "slopes");
    }

    [Theory]
    [InlineData("q rank", "ScaledDotProductAttention: q (4,) has rank 1, expected rank 4. [float32, cpu]")]
    [InlineData("head size", "ScaledDotProductAttention: q is (1, 2, 3, 4) and k is (1, 2, 3, 5); expected the same batch and head size, k (1, Hk, Tk, 4). [float32, cpu]")]
    [InlineData("heads", "ScaledDotProductAttention: q (1, 2, 3, 4) has 2 heads and k (1, 3, 3, 4) has 3; expected a number of key heads that divides the query heads. [float32, cpu]")]
    [InlineData("values", "ScaledDotProductAttention: v has shape (1, 2, 6, 4), expected (1, 2, 5, 4). [float32, cpu]")]
    [InlineData("window", "ScaledDotProductAttention: the window is -1; expected 1 or more, or 0 for none. [float32, cpu]")]
    [InlineData("mask", "ScaledDotProductAttention: the key mask has shape (3,), expected (1, 3). [int32, cpu]")]
    [InlineData("mask type", "ScaledDotProductAttention: the key mask (1, 3) is float32, expected int32. Convert it with To(DType.Int32). [float32, cpu]")]
    [InlineData("ranges", "ScaledDotProductAttention: the key ranges has shape (1, 3), expected (1, 3, 2). [int32, cpu]")]
    [InlineData("half the ranges", "ScaledDotProductAttention: key ranges and query ranges say the same of queries and of keys, for forward and for backward; expected both or neither. [float32, cpu]")]
    [InlineData("bias", "ScaledDotProductAttention: the bias has shape (3, 3), expected (2, 3, 3). [float32, cpu]")]
    [InlineData("packed", "CausalSelfAttention: the last axis of qkv (1, 2, 10) is 10, which is not q, k and v of 2 heads; expected a multiple of 3·2. [float32, cpu]")]
    [InlineData("rotary", "RotaryEmbedding: the last axis of x (1, 1, 2, 3) is 3; expected an even head size. [float32, cpu]")]
    public void Says_what_does_not_fit(string what, string message)
    {
        using Device device = new CpuDevice(threads: 1);
        StepScope scope = new(device);
        Tensor q = scope.Empty([1, 2, 3, 4]);
        Action act = what switch
        {
            "q rank" => () => scope.Empty([4]).ScaledDotProductAttention(q, q),
            "head size" => () => q.ScaledDotProductAttention(scope.Empty([1, 2, 3, 5]), q),
            "heads" => () => q.ScaledDotProductAttention(scope.Empty([1, 3, 3, 4]), q),
            "values" => () => q.ScaledDotProductAttention(scope.Empty([1, 2, 5, 4]), scope.Empty([1, 2, 6, 4])),
            "window" => () => q.ScaledDotProductAttention(q, q, new(Window: -1)),
            "mask" => () => q.ScaledDotProductAttention(q, q, new(KeyMask: scope.Empty([3], DType.Int32))),
            "mask type" => () => q.ScaledDotProductAttention(q, q, new(KeyMask: scope.Empty([1, 3]))),
            "ranges" => () => q.ScaledDotProductAttention(q, q, new(KeyRanges: scope.Empty([1, 3], DType.Int32))),
            "half the ranges" => () => q.ScaledDotProductAttention(q, q, new(KeyRanges: scope.Empty([1, 3, 2], DType.Int32))),
            "bias" => () => q.ScaledDotProductAttention(q, q, new(Bias: scope.Empty([3, 3]))),
            "packed" => () => scope.Empty([1, 2, 10]).CausalSelfAttention(2),
            _ => () => scope.Empty([1, 1, 2, 3]).RotaryEmbedding(),
        };
        Assert.Equal(message, Assert.Throws<EngineException>(act).Message);
        scope.Clear();
    }

    private static void AssertSame(OpCase a, OpCase b)
    {
        using Device device = new CpuDevice();
        OpCheck.Outcome expected = OpCheck.Run(b, device);
        OpCheck.Outcome actual = OpCheck.Run(a, device);
        Tolerance.Parity.AssertClose(expected.Result, actual.Result, "result");
        for (int i = 0; i < expected.Grads.Length; i++)
        {
            Assert.Equal(expected.Grads[i] is null, actual.Grads[i] is null);
            Tolerance.Parity.AssertClose(expected.Grads[i], actual.Grads[i], $"gradient of input {i}");
        }
    }
}
