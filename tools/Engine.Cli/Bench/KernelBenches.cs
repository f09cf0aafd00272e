using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine.Cli.Bench;

/// <summary>The kernels that <c>engine bench</c> times, at the sizes of GPT-2 124M.</summary>
internal static class KernelBenches
{
    private const int C = 768;
    private const int V = 50257;
    private const int H = 12;
    private const int D = 64;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<KernelBench> All { get; } =
    [
        Copy(),
        Flat("Map", (x, y, n) => new Map<GeluTanh, float, Float32Element>(x, y, 0f, n)),
        Sums(),
        Flat("Dropout", (x, y, n) => new Dropout<float, Float32Element>(x, y, 1, 2, 0, 0.1f, 1f / 0.9f, n)),
        Peak(),
        RowNorm(),
        RowNormBackward(),
        Softmax(),
        CrossEntropy(),
        Adam(),
        Product(),
        TensorProduct(),
        Attention(),
        AttentionBackward(),
    ];

    // Kernels over a flat range: x in, y out.
    private static KernelBench Flat<TKernel>(string name, Func<View<float>, View<float>, long, TKernel> make)
        where TKernel : unmanaged, IKernel => new(name, "n {0}", 1 << 25, 100_003, (device, n) =>
        {
            Tensor x = Numbers(device, 1, [n]);
            Tensor y = Room(device, [n]);
            return BenchCase.Of(device, make(x.Flat<float>(), y.Flat<float>(), n), Block.Cover(n), [x], [y]);
        });

    // The engine copies 32-bit elements of every kind as integers.
    private static KernelBench Copy() => new("CopyStrided", "n {0}", 1 << 25, 100_003, (device, n) =>
    {
        Tensor x = Numbers(device, 1, [n]);
        Tensor y = Room(device, [n]);
        return BenchCase.Of(device, new CopyStrided<int>(x.Flat<int>(), y.Flat<int>(), default, default, n), Block.Cover(n), [x], [y]);
    });

    private static KernelBench Sums() => new("Combine", "n {0}", 1 << 25, 100_003, (device, n) =>
    {
        Tensor u = Numbers(device, 1, [n]);
        Tensor v = Numbers(device, 2, [n]);
        Tensor y = Room(device, [n]);
        Combine<Sum, float, Float32Element> kernel = new(u.Flat<float>(), v.Flat<float>(), y.Flat<float>(), default, default, n);
        return BenchCase.Of(device, kernel, Block.Cover(n), [u, v], [y]);
    });

    private static KernelBench Peak() => new("MultiplyAdds", "n {0}, 512 rounds", 1 << 22, 10_007, (device, n) =>
    {
        Tensor x = Numbers(device, 1, [n]);
        Tensor y = Room(device, [n]);
        return BenchCase.Of(device, new MultiplyAdds(x.Flat<float>(), y.Flat<float>(), 0.999f, 0.001f, 512, n), Block.Cover(n), [x], [y]);
    });

    private static KernelBench RowNorm() => new("RowNormForward", "{0} x 768", 16384, 77, (device, n) =>
    {
        Tensor x = Numbers(device, 1, [n, C]);
        Tensor gamma = Numbers(device, 2, [C]);
        Tensor beta = Numbers(device, 3, [C]);
        Tensor y = Room(device, [n, C]);
        Tensor mean = Room(device, [n]);
        Tensor rstd = Room(device, [n]);
        RowNormForward<float, Float32Element> kernel = new(
            x.Flat<float>(), gamma.Flat<float>(), beta.Flat<float>(), y.Flat<float>(), mean.Flat<float>(), rstd.Flat<float>(), C, 1e-5f, true);
        return BenchCase.Of(device, kernel, n, [x, gamma, beta], [y, mean, rstd]);
    });

    private static KernelBench RowNormBackward() => new("RowNormBackward", "{0} x 768", 16384, 77, (device, n) =>
    {
        Tensor x = Numbers(device, 1, [n, C]);
        Tensor gamma = Numbers(device, 2, [C]);
        Tensor dY = Numbers(device, 3, [n, C]);
        Tensor mean = Numbers(device, 4, [n]);
        Tensor rstd = Numbers(device, 5, [n]);
        int chunks = (int)RowNormChunks.Of(n);
        Tensor dX = Room(device, [n, C]);
        Tensor dGamma = Room(device, [chunks, C]);
        Tensor dBeta = Room(device, [chunks, C]);
        RowNormBackward<float, Float32Element> kernel = new(
            x.Flat<float>(), gamma.Flat<float>(), dY.Flat<float>(), mean.Flat<float>(), rstd.Flat<float>(),
            dX.Flat<float>(), dGamma.Flat<float>(), dBeta.Flat<float>(), n, C, true);
        return BenchCase.Of(device, kernel, chunks, [x, gamma, dY, mean, rstd], [dX, dGamma, dBeta]);
    });

    private static KernelBench Softmax() => new("SoftmaxForward", "{0} x 1024", 16384, 77, (device, n) =>
    {
        Tensor x = Numbers(device, 1, [n, 1024]);
        Tensor y = Room(device, [n, 1024]);
        return BenchCase.Of(device, new SoftmaxForward(x.Flat<float>(), y.Flat<float>(), 1024, 1, false), n, [x], [y]);
    });

    private static KernelBench CrossEntropy() => new("CrossEntropyForward", "{0} x 50257", 512, 9, (device, n) =>
    {
        Tensor x = Numbers(device, 1, [n, V]);
        Tensor targets = Tensor.From<int>(device, [.. Enumerable.Range(0, n)], [n], "bench");
        Tensor lse = Room(device, [n]);
        Tensor loss = Room(device, [n]);
        CrossEntropyForward<float, Float32Element> kernel = new(
            x.Flat<float>(), targets.Flat<int>(), default, lse.Flat<float>(), loss.Flat<float>(), V, 0f, -100);
        return BenchCase.Of(device, kernel, n, [x, targets], [lse, loss]);
    });

    private static KernelBench Adam() => new("AdamStep", "n {0}", 1 << 24, 100_003, (device, n) =>
    {
        Tensor p = Numbers(device, 1, [n]);
        Tensor g = Numbers(device, 2, [n]);
        Tensor m = Room(device, [n]);
        Tensor v = Room(device, [n]);
        AdamStep kernel = new(
            p.Flat<float>(), g.Flat<float>(), m.Flat<float>(), v.Flat<float>(), default, default, 1f, 1e-3f, 0.999f, 0f, 0.1f, 0.05f, 1f, 1e-8f, n);
        return BenchCase.Of(device, kernel, Block.Cover(n), [g], [p, m, v]);
    });

    private static KernelBench Product() => new("Gemm", "{0}^3", 1024, 150, (device, n) =>
    {
        Tensor a = Numbers(device, 1, [n, n]);
        Tensor b = Numbers(device, 2, [n, n]);
        Tensor c = Room(device, [n, n]);
        MatrixLayout rows = new(n, 1);
        GemmSize size = new(n, n, n);
        Gemm<Identity> kernel = new(a.Flat<float>(), b.Flat<float>(), c.Flat<float>(), default, default, rows, rows, rows, size, false);
        return BenchCase.Of(device, kernel, size.Blocks, [a, b], [c]);
    });

    private static KernelBench TensorProduct() => new("TensorGemm", "{0}^3 bfloat16", 1024, 150, (device, n) =>
    {
        Tensor a = Narrow(Numbers(device, 1, [n, n]));
        Tensor b = Narrow(Numbers(device, 2, [n, n]));
        Tensor c = Tensor.Zeros(device, [n, n], DType.BFloat16, "bench");
        MatrixLayout rows = new(n, 1);
        GemmSize size = new(n, n, n);
        TensorGemm<Identity, BFloat16, BFloat16Element, BFloat16, BFloat16Element> kernel = new(
            a.Flat<BFloat16>(), b.Flat<BFloat16>(), c.Flat<BFloat16>(), default, default, rows, rows, rows, size, false);
        return BenchCase.Of(device, kernel, size.Blocks, [a, b], [c]);
    });

    private static KernelBench Attention() => new("AttentionForward", "B 1, H 12, T {0}, D 64, causal", 1024, 70, (device, t) =>
    {
        Tensor[] inputs = [.. Enumerable.Range(1, 3).Select(stream => Numbers(device, (ulong)stream, [H, t, D]))];
        Tensor o = Room(device, [H, t, D]);
        Tensor lse = Room(device, [H, t]);
        return BenchCase.Of(device, Forward(inputs, o, lse, t), H * t, inputs, [o, lse]);
    });

    private static KernelBench AttentionBackward() => new("AttentionBackward", "B 1, H 12, T {0}, D 64, causal", 1024, 70, (device, t) =>
    {
        Tensor[] inputs = [.. Enumerable.Range(1, 4).Select(stream => Numbers(device, (ulong)stream, [H, t, D]))];
        Tensor o = Room(device, [H, t, D]);
        Tensor lse = Room(device, [H, t]);
        device.Launch(Forward(inputs, o, lse, t), H * t);
        Tensor[] results = [.. Enumerable.Range(0, 3).Select(_ => Room(device, [H, t, D]))];
        HeadLayout heads = Heads(t);
        AttentionShape shape = Causal(t);
        AttentionBackward<float, Float32Element> kernel = new(
            inputs[0].Flat<float>(), inputs[1].Flat<float>(), inputs[2].Flat<float>(), o.Flat<float>(), lse.Flat<float>(), default, default, default, default,
            inputs[3].Flat<float>(), results[0].Flat<float>(), results[1].Flat<float>(), results[2].Flat<float>(),
            heads, heads, heads, heads, heads, heads, heads, shape);
        return BenchCase.Of(device, kernel, Kernels.Attention.BackwardBlocks(shape), [.. inputs, o, lse], results);
    });

    private static AttentionForward<float, Float32Element> Forward(Tensor[] inputs, Tensor o, Tensor lse, int t) => new(
        inputs[0].Flat<float>(), inputs[1].Flat<float>(), inputs[2].Flat<float>(), o.Flat<float>(), lse.Flat<float>(), default, default, default,
        Heads(t), Heads(t), Heads(t), Heads(t), Causal(t));

    private static HeadLayout Heads(int t) => new(H * t * D, t * D, D);

    private static AttentionShape Causal(int t) => new(1, H, H, t, t, D, 0.125f, true, 0);

    private static Tensor Numbers(Device device, ulong stream, Shape shape) => KernelBench.Numbers(device, stream, shape);

    private static Tensor Room(Device device, Shape shape) => Tensor.Zeros(device, shape, tag: "bench");

    private static Tensor Narrow(Tensor wide)
    {
        Tensor narrow = wide.To(DType.BFloat16);
        wide.Dispose();
        return narrow;
    }
}
