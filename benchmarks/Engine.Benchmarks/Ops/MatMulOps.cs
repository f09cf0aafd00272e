using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>Products and linear layers: one product forward, two backward.</summary>
public class MatMulOps : FamilyBenchmarks
{
    public override IEnumerable<BenchCase> Cases(Sizes sizes)
    {
        int N = sizes.Of(128, 19);
        int C = sizes.Of(768, 33);
        int F = sizes.Of(768, 70);
        int V = sizes.Of(4096, 77);
        return
        [
            new OpBench($"MatMul {N}×{F}×{C}", [new([N, C]), new([C, F])], t => t[0].MatMul(t[1]), m => Product(m, N, F, C)),
            new OpBench(
                $"Linear with GeluTanh {N}×{F}×{C}", [new([N, C]), new([F, C], -0.1f, 0.1f), new([F])],
                t => t[0].Linear(t[1], t[2], Activation.GeluTanh), m => Linear(m, N, F, C)),
            new OpBench(
                $"Linear of int8 1×{F}×{C}", [new([1, C]), new([F, C], DType: DType.Int8), new([F])],
                t => t[0].Linear(t[1], t[2]), m => OfInt8(m, F, C)),
            new OpBench(
                $"LinearCrossEntropy {N}×{V}×{C}", [new([N, C]), new([V, C], -0.1f, 0.1f), OpInput.Ints([N], V)],
                t => t[0].LinearCrossEntropy(t[1], t[2]), m => LinearCrossEntropy(m, N, V, C)),
        ];
    }

    private static Action Product(OpArguments m, int N, int F, int C)
    {
        MatrixLayout x = new(C, 1);
        MatrixLayout w = new(F, 1);
        MatrixLayout y = new(F, 1);
        return () =>
        {
            Multiply(m.X(0), x, m.X(1), w, m.Y, y, new(N, F, C));
            Multiply(m.DY, y, m.X(1), w.Transposed, m.DX[0], x, new(N, C, F));
            Multiply(m.X(0), x.Transposed, m.DY, y, m.DX[1], w, new(C, F, N));
        };
    }

    private static Action Linear(OpArguments m, int N, int F, int C)
    {
        MatrixLayout x = new(C, 1);
        MatrixLayout y = new(F, 1);
        View<float> pre = m.Scratch(N * F);
        View<float> dPre = m.Scratch(N * F);
        Map<GeluTanh, float, Float32Element> forward = new(pre, m.Y, 0f, N * F);
        MapBackward<GeluTanh, float, Float32Element> backward = new(pre, m.DY, dPre, 0f, N * F);
        ColumnSum<float, Float32Element> bias = new(dPre, m.DX[2], N, F, N, false);
        return () =>
        {
            Multiply(m.X(0), x, m.X(1), x.Transposed, pre, y, new(N, F, C), m.X(2));
            Loops.Run(forward);
            Loops.Run(backward);
            Multiply(dPre, y, m.X(1), x, m.DX[0], x, new(N, C, F));
            Multiply(dPre, y.Transposed, m.X(0), x, m.DX[1], x, new(F, C, N));
            Loops.Run(bias);
        };
    }

    private static Action OfInt8(OpArguments m, int F, int C)
    {
        Int8Linear<Identity> product = new(m.X(0), m.Int8(1), m.Scales(1), m.X(2), m.Y, 1, F, C);
        return () => Loops.Run(product);
    }

    private static Action LinearCrossEntropy(OpArguments m, int N, int V, int C)
    {
        MatrixLayout x = new(C, 1);
        MatrixLayout logits = new(V, 1);
        CrossEntropyForward<float, Float32Element> forward = new(m.Scratch(N * V), m.Indices(2), default, m.Scratch(N), m.Scratch(N), V, 0f, -100);
        CrossEntropyTotal total = new(forward.loss, m.Indices(2), default, m.Y, m.Scratch(1), N, V, -100, true);
        CrossEntropyBackward<float, Float32Element> backward = new(
            forward.x, m.Indices(2), default, forward.lse, m.DY, total.scale, m.Scratch(N * V), V, 0f, -100, false);
        return () =>
        {
            Multiply(m.X(0), x, m.X(1), x.Transposed, forward.x, logits, new(N, V, C));
            Loops.Run(forward);
            Loops.Run(total);
            Loops.Run(backward);
            Multiply(backward.dX, logits, m.X(1), x, m.DX[0], x, new(N, C, V));
            Multiply(backward.dX, logits.Transposed, m.X(0), x, m.DX[1], x, new(V, C, N));
        };
    }

    internal static void Multiply(View<float> a, MatrixLayout la, View<float> b, MatrixLayout lb, View<float> c, MatrixLayout lc, GemmSize size, View<float> bias = default) =>
        Loops.Run(new Gemm<Identity>(a, b, c, bias, default, la, lb, lc, size, false));
}
