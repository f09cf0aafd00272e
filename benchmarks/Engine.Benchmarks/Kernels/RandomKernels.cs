using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine.Benchmarks;

public class RandomKernels : FamilyBenchmarks
{
    public override IEnumerable<BenchCase> Cases(Sizes sizes)
    {
        int n = sizes.Of(1 << 22, (2 * Block.Span) + 37);
        return [new KernelBench<Dropout<float, Float32Element>>($"{n}", Block.Cover(n), m => new(m.In(n), m.Out(n), 5, 6, 3, 0.1f, 1f / 0.9f, n), Loops.Run)];
    }
}
