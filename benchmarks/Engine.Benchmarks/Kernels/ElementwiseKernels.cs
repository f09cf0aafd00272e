using System.Numerics.Tensors;
using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine.Benchmarks;

public class ElementwiseKernels : FamilyBenchmarks
{
    public override IEnumerable<BenchCase> Cases(Sizes sizes)
    {
        int n = sizes.Of(1 << 23, (2 * Block.Span) + 37);
        int few = sizes.Of(1 << 18, Block.Span + 37);
        long blocks = Block.Cover(n);
        string shape = $"{n}";
        return
        [
            new KernelBench<Map<GeluTanh, float, Float32Element>>(shape, blocks, m => new(m.In(n, -4, 4), m.Out(n), 0f, n), Loops.Run),
            new KernelBench<Map<Exp, float, Float32Element>>(shape, blocks, m => new(m.In(n, -4, 4), m.Out(n), 0f, n), Loops.Run, k => TensorPrimitives.Exp<float>(k.x.Span(), k.y.Span())),
            new KernelBench<Map<Tanh, float, Float32Element>>(shape, blocks, m => new(m.In(n, -4, 4), m.Out(n), 0f, n), Loops.Run, k => TensorPrimitives.Tanh<float>(k.x.Span(), k.y.Span())),
            new KernelBench<Map<Sigmoid, float, Float32Element>>(shape, blocks, m => new(m.In(n, -4, 4), m.Out(n), 0f, n), Loops.Run, k => TensorPrimitives.Sigmoid<float>(k.x.Span(), k.y.Span())),
            new KernelBench<MapBackward<GeluTanh, float, Float32Element>>(shape, blocks, m => new(m.In(n, -4, 4), m.In(n), m.Out(n), 0f, n), Loops.Run),
            new KernelBench<Combine<Sum, float, Float32Element>>(
                shape, blocks, m => new(m.In(n), m.In(n), m.Out(n), default, default, n), Loops.Run, k => TensorPrimitives.Add<float>(k.u.Span(), k.v.Span(), k.y.Span())),
            new KernelBench<Combine<Product, float, Float32Element>>(
                shape, blocks, m => new(m.In(n), m.In(n), m.Out(n), default, default, n), Loops.Run, k => TensorPrimitives.Multiply<float>(k.u.Span(), k.v.Span(), k.y.Span())),
            new KernelBench<CombineBackward<Product, float, Float32Element>>(
                shape, blocks, m => new(m.In(n), m.In(n), m.In(n), m.Out(n), m.Out(n), default, default, n), Loops.Run, Gradients),
            new KernelBench<Accumulate<float, Float32Element, float, Float32Element>>(
                shape, blocks, m => new(m.In(n), m.InOut(n), default, default, n), Loops.Run, k => TensorPrimitives.Add<float>(k.x.Span(), k.y.Span(), k.y.Span())),
            new KernelBench<Compare<float, Less>>(shape, blocks, m => new(m.In(n), m.In(n), m.OutInts(n), default, default, n), Loops.Run),
            new KernelBench<MaskedFill>(shape, blocks, m => new(m.In(n), m.Ints(n, 0, 2), m.Out(n), default, -1e9f, 1, n), Loops.Run),
            new KernelBench<Select>(shape, blocks, m => new(m.Ints(n, 0, 2), m.In(n), m.In(n), m.Out(n), default, default, default, n), Loops.Run),
            new KernelBench<MultiplyAdds>(
                $"{few}, 512 rounds", Block.Cover(few), m => new(m.In(few), m.Out(few), 0.999f, 0.001f, 512, few), Loops.Run),
        ];
    }

    private static void Gradients(CombineBackward<Product, float, Float32Element> k)
    {
        TensorPrimitives.Multiply<float>(k.dY.Span(), k.v.Span(), k.dU.Span());
        TensorPrimitives.Multiply<float>(k.dY.Span(), k.u.Span(), k.dV.Span());
    }
}
