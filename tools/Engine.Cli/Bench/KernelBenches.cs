using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine.Cli.Bench;

/// <summary>The kernels that <c>engine kernels bench</c> times, at the sizes of GPT-2 124M.</summary>
internal static class KernelBenches
{
    private const int C = 768;
    private const int V = 50257;
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
        Softmax(),
        CrossEntropy(),
        Adam(),
        Product(),
        TensorProduct(),
        Attention(),
    ];

    // Kernels over a flat range: x in, y out.
    private static KernelBench Flat<TKernel>(string name, Func<View<float>, View<float>, long, TKernel> make)
        where TKernel : unmanaged, IKernel => new(name, "n {0}", 1 << 25, 100_003, n => 8.0 * n, _ => 0, (device, n) =>
        {
            Tensor x = KernelBench.Numbers(device, 1, [n]);
            Tensor y = Tensor.Zeros(device, [n], tag: "bench");
            return new BenchCase([x, y], [y], () => device.Launch(make(x.Flat<float>(), y.Flat<float>(), n), Block.Cover(n)));
        });

    // The engine copies 32-bit elements of every kind as integers.
    private static KernelBench Copy() => new("CopyStrided", "n {0}", 1 << 25, 100_003, n => 8.0 * n, _ => 0, (device, n) =>
    {
        Tensor x = KernelBench.Numbers(device, 1, [n]);
        Tensor y = Tensor.Zeros(device, [n], tag: "bench");
        return new BenchCase([x, y], [y], () => device.Launch(
            new CopyStrided<int>(x.Flat<int>(), y.Flat<int>(), default, default, n), Block.Cover(n)));
    });

    private static KernelBench Sums() => new("Combine", "n {0}", 1 << 25, 100_003, n => 12.0 * n, _ => 0, (device, n) =>
    {
        Tensor u = KernelBench.Numbers(device, 1, [n]);
        Tensor v = KernelBench.Numbers(device, 2, [n]);
        Tensor y = Tensor.Zeros(device, [n], tag: "bench");
        return new BenchCase([u, v, y], [y], () => device.Launch(
            new Combine<Sum, float, Float32Element>(u.Flat<float>(), v.Flat<float>(), y.Flat<float>(), default, default, n), Block.Cover(n)));
    });

    private static KernelBench Peak() => new("MultiplyAdds", "n {0}, 512 rounds", 1 << 22, 10_007, n => 8.0 * n, n => 1024.0 * n, (device, n) =>
    {
        Tensor x = KernelBench.Numbers(device, 1, [n]);
        Tensor y = Tensor.Zeros(device, [n], tag: "bench");
        return new BenchCase([x, y], [y], () => device.Launch(new MultiplyAdds(x.Flat<float>(), y.Flat<float>(), 0.999f, 0.001f, 512, n), Block.Cover(n)));
    });

    private static KernelBench RowNorm() => new("RowNormForward", "{0} x 768", 16384, 77, n => 8.0 * n * C, _ => 0, (device, n) =>
    {
        Tensor x = KernelBench.Numbers(device, 1, [n, C]);
        Tensor gamma = KernelBench.Numbers(device, 2, [C]);
        Tensor beta = KernelBench.Numbers(device, 3, [C]);
        Tensor y = Tensor.Zeros(device, [n, C], tag: "bench");
        Tensor mean = Tensor.Zeros(device, [n], tag: "bench");
        Tensor rstd = Tensor.Zeros(device, [n], tag: "bench");
        return new BenchCase([x, gamma, beta, y, mean, rstd], [y, mean, rstd], () => device.Launch(
            new RowNormForward<float, Float32Element>(
                x.Flat<float>(), gamma.Flat<float>(), beta.Flat<float>(), y.Flat<float>(), mean.Flat<float>(), rstd.Flat<float>(), C, 1e-5f, true),
            n));
    });

    private static KernelBench Softmax() => new("SoftmaxForward", "{0} x 1024", 16384, 77, n => 8.0 * n * 1024, _ => 0, (device, n) =>
    {
        Tensor x = KernelBench.Numbers(device, 1, [n, 1024]);
        Tensor y = Tensor.Zeros(device, [n, 1024], tag: "bench");
        return new BenchCase([x, y], [y], () => device.Launch(new SoftmaxForward(x.Flat<float>(), y.Flat<float>(), 1024, 1, false), n));
    });

    private static KernelBench CrossEntropy() => new("CrossEntropyForward", "{0} x 50257", 512, 9, n => 4.0 * n * V, _ => 0, (device, n) =>
    {
        Tensor x = KernelBench.Numbers(device, 1, [n, V]);
        Tensor targets = Tensor.From<int>(device, [.. Enumerable.Range(0, (int)n)], [n], "bench");
        Tensor lse = Tensor.Zeros(device, [n], tag: "bench");
        Tensor loss = Tensor.Zeros(device, [n], tag: "bench");
        return new BenchCase([x, targets, lse, loss], [lse, loss], () => device.Launch(
            new CrossEntropyForward<float, Float32Element>(
                x.Flat<float>(), targets.Flat<int>(), default, lse.Flat<float>(), loss.Flat<float>(), V, 0f, -100),
            n));
    });

    private static KernelBench Adam() => new("AdamStep", "n {0}", 1 << 24, 100_003, n => 28.0 * n, _ => 0, (device, n) =>
    {
        Tensor p = KernelBench.Numbers(device, 1, [n]);
        Tensor g = KernelBench.Numbers(device, 2, [n]);
        Tensor m = Tensor.Zeros(device, [n], tag: "bench");
        Tensor v = Tensor.Zeros(device, [n], tag: "bench");
        return new BenchCase([p, g, m, v], [p, m, v], () => device.Launch(
            new AdamStep(
                p.Flat<float>(), g.Flat<float>(), m.Flat<float>(), v.Flat<float>(), default, default, 1f, 1e-3f, 0.999f, 0f, 0.1f, 0.05f, 1f, 1e-8f, n),
            Block.Cover(n)));
    });

    private static KernelBench Product() => new("Gemm", "{0}^3", 1024, 150, n => 12.0 * n * n, n => 2.0 * n * n * n, (device, n) =>
    {
        Tensor a = KernelBench.Numbers(device, 1, [n, n]);
        Tensor b = KernelBench.Numbers(device, 2, [n, n]);
        Tensor c = Tensor.Zeros(device, [n, n], tag: "bench");
        MatrixLayout rows = new(n, 1);
        GemmSize size = new(n, n, n);
        return new BenchCase([a, b, c], [c], () => device.Launch(
            new Gemm<Identity>(a.Flat<float>(), b.Flat<float>(), c.Flat<float>(), default, default, rows, rows, rows, size, false), size.Blocks));
    });

    private static KernelBench TensorProduct() => new("TensorGemm", "{0}^3 bfloat16", 1024, 150, n => 6.0 * n * n, n => 2.0 * n * n * n, (device, n) =>
    {
        Tensor a = Narrow(KernelBench.Numbers(device, 1, [n, n]));
        Tensor b = Narrow(KernelBench.Numbers(device, 2, [n, n]));
        Tensor c = Tensor.Zeros(device, [n, n], DType.BFloat16, "bench");
        MatrixLayout rows = new(n, 1);
        GemmSize size = new(n, n, n);
        return new BenchCase([a, b, c], [c], () => device.Launch(
            new TensorGemm<Identity, BFloat16, BFloat16Element, BFloat16, BFloat16Element>(
                a.Flat<BFloat16>(), b.Flat<BFloat16>(), c.Flat<BFloat16>(), default, default, rows, rows, rows, size, false),
            size.Blocks));
    });

    // Causal: half of the 4·T²·D operations of a head.
    private static KernelBench Attention() => new("AttentionForward", "B 1, H 12, T {0}, D 64, causal", 1024, 70, t => 16.0 * 12 * t * D, t => 2.0 * 12 * t * t * D, (device, t) =>
    {
        Tensor q = KernelBench.Numbers(device, 1, [12, t, D]);
        Tensor k = KernelBench.Numbers(device, 2, [12, t, D]);
        Tensor v = KernelBench.Numbers(device, 3, [12, t, D]);
        Tensor o = Tensor.Zeros(device, [12, t, D], tag: "bench");
        Tensor lse = Tensor.Zeros(device, [12, t], tag: "bench");
        HeadLayout heads = new(12 * t * D, t * D, D);
        AttentionShape shape = new(1, 12, 12, (int)t, (int)t, D, 0.125f, true, 0);
        return new BenchCase([q, k, v, o, lse], [o, lse], () => device.Launch(
            new AttentionForward<float, Float32Element>(
                q.Flat<float>(), k.Flat<float>(), v.Flat<float>(), o.Flat<float>(), lse.Flat<float>(), default, default, heads, heads, heads, heads, shape),
            12 * t));
    });

    private static Tensor Narrow(Tensor wide)
    {
        Tensor narrow = wide.To(DType.BFloat16);
        wide.Dispose();
        return narrow;
    }
}
