using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine.Benchmarks;

public class ElementwiseOps : FamilyBenchmarks
{
    public override IEnumerable<BenchCase> Cases(Sizes sizes)
    {
        int N = sizes.Of(4096, 7);
        int C = sizes.Of(1024, 77);
        int n = N * C;
        OpInput x = new([N, C], -4, 4);
        OpInput mask = OpInput.Ints([N, C], 2);
        string shape = $"{N}×{C}";
        return
        [
            new OpBench($"GeluTanh {shape}", [x], t => t[0].GeluTanh(), m => Gelu(m, n)),
            new OpBench($"Mul {shape}", [x, x], t => t[0] * t[1], m => Product(m, n)),
            new OpBench($"To bfloat16 and back {shape}", [x], t => t[0].To(DType.BFloat16).To(DType.Float32), m => () => Rounded(m)) { Allowed = 1f / 128 },
            new OpBench($"MaskedFill {shape}", [x, mask], t => t[0].MaskedFill(t[1], -1f), m => () => Filled(m)),
            new OpBench($"Where {shape}", [mask, x, x], t => Tensor.Where(t[0], t[1], t[2]), m => () => Chosen(m)),
            new OpBench($"Dropout {shape}", [x], t => t[0].Dropout(0.1f), m => Dropped(m, n)),
            new OpBench($"Checkpoint of GeluTanh {shape}", [x], t => t[0].Scope!.Checkpoint(t[0], new Segment()), m => Twice(m, n)),
        ];
    }

    private static Action Gelu(OpArguments m, int n)
    {
        Map<GeluTanh, float, Float32Element> forward = new(m.X(0), m.Y, 0f, n);
        MapBackward<GeluTanh, float, Float32Element> backward = new(m.X(0), m.DY, m.DX[0], 0f, n);
        return () =>
        {
            Loops.Run(forward);
            Loops.Run(backward);
        };
    }

    // A checkpointed segment runs forward again before it runs backward.
    private static Action Twice(OpArguments m, int n)
    {
        Action once = Gelu(m, n);
        Map<GeluTanh, float, Float32Element> again = new(m.X(0), m.Y, 0f, n);
        return () =>
        {
            Loops.Run(again);
            once();
        };
    }

    private static Action Product(OpArguments m, int n)
    {
        Combine<Product, float, Float32Element> forward = new(m.X(0), m.X(1), m.Y, default, default, n);
        CombineBackward<Product, float, Float32Element> backward = new(m.X(0), m.X(1), m.DY, m.DX[0], m.DX[1], default, default, n);
        return () =>
        {
            Loops.Run(forward);
            Loops.Run(backward);
        };
    }

    private static Action Dropped(OpArguments m, int n)
    {
        Dropout<float, Float32Element> forward = new(m.X(0), m.Y, 0, 0, 0, 0.1f, 1f / 0.9f, n);
        Dropout<float, Float32Element> backward = forward with { x = m.DY, y = m.DX[0] };
        return () =>
        {
            Loops.Run(forward);
            Loops.Run(backward);
        };
    }

    private static void Rounded(OpArguments m)
    {
        View<float> x = m.X(0);
        for (long i = 0; i < x.Length; i++)
        {
            m.Y[i] = (float)(BFloat16)x[i];
            m.DX[0][i] = (float)(BFloat16)m.DY[i];
        }
    }

    private static void Filled(OpArguments m)
    {
        View<float> x = m.X(0);
        View<int> mask = m.Indices(1);
        for (long i = 0; i < x.Length; i++)
        {
            m.Y[i] = mask[i] != 0 ? -1f : x[i];
            m.DX[0][i] = mask[i] != 0 ? 0f : m.DY[i];
        }
    }

    private static void Chosen(OpArguments m)
    {
        View<int> mask = m.Indices(0);
        View<float> a = m.X(1);
        View<float> b = m.X(2);
        for (long i = 0; i < mask.Length; i++)
        {
            m.Y[i] = mask[i] != 0 ? a[i] : b[i];
            m.DX[1][i] = mask[i] != 0 ? m.DY[i] : 0f;
            m.DX[2][i] = mask[i] != 0 ? 0f : m.DY[i];
        }
    }

    private sealed class Segment : IForward
    {
        public Tensor Forward(Tensor x) => x.GeluTanh();
    }
}
