using Engine.Kernels;

namespace Engine.Benchmarks;

public class NormKernels : FamilyBenchmarks
{
    public override IEnumerable<BenchCase> Cases(Sizes sizes)
    {
        int N = sizes.Of(8192, 35);
        int C = sizes.Of(768, 33);
        return [.. Rows("layer", N, C, true), .. Rows("rms", N, C, false), .. Planes(sizes)];
    }

    private static BenchCase[] Rows(string name, int N, int C, bool centred)
    {
        long chunks = RowNormChunks.Of(N);
        return
        [
            new KernelBench<RowNormForward<float, Float32Element>>(
                $"{name} {N}×{C}", N, m => new(m.In(N * C), m.In(C), m.In(C), m.Out(N * C), m.Out(N), m.Out(N), C, 1e-5f, centred), Loops.Run),
            new KernelBench<RowNormBackward<float, Float32Element>>(
                $"{name} {N}×{C}", chunks,
                m => new(m.In(N * C), m.In(C), m.In(N * C), m.In(N), m.In(N, 1, 2), m.Out(N * C), m.Out(chunks * C), m.Out(chunks * C), N, C, centred), Loops.Run),
        ];
    }

    // B examples of C = G·D channels of S places.
    private static BenchCase[] Planes(Sizes sizes)
    {
        int B = sizes.Of(32, 3);
        int G = sizes.Of(32, 2);
        int D = sizes.Of(8, 3);
        int S = sizes.Of(1024, 37);
        int C = G * D;
        int n = B * C * S;
        string shape = $"{B}×{C}×{S}";
        return
        [
            new KernelBench<GroupNormForward>(
                shape, B * G, m => new(m.In(n), m.In(C), m.In(C), m.Out(n), m.Out(B * G), m.Out(B * G), G, D, S, 1e-5f), Loops.Run),
            new KernelBench<GroupNormBackward>(
                shape, B * G, m => new(m.In(n), m.In(C), m.In(n), m.In(B * G), m.In(B * G, 1, 2), m.Out(n), G, D, S), Loops.Run),
            new KernelBench<GroupNormParameters>(
                shape, C, m => new(m.In(n), m.In(n), m.In(B * G), m.In(B * G, 1, 2), m.Out(C), m.Out(C), B, C, D, S, false, false), Loops.Run),
            new KernelBench<BatchNormForward>(
                shape, C, m => new(m.In(n), m.In(C), m.In(C), default, default, m.Out(n), m.Out(C), m.Out(C), B, C, S, 0.1f, 1e-5f, true, false), Loops.Run),
            new KernelBench<BatchNormBackward>(
                shape, C, m => new(m.In(n), m.In(C), m.In(n), m.In(C), m.In(C, 1, 2), m.Out(n), m.Out(C), m.Out(C), B, C, S, true, false, false), Loops.Run),
        ];
    }
}
