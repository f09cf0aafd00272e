using Engine.KernelLanguage;
using Engine.Kernels;
using Xunit;

namespace Engine.Tests.Cpu;

/// <summary>
/// The packed product of 16-bit operands is that of float32 on the same numbers, to the bit, and where C has 16 bits that
/// rounded once: at every width, over several chunks along each axis.
/// </summary>
public sealed unsafe class TensorGemmSimdTests
{
    private static readonly (int M, int N, int K)[] Sizes = [(1, 1, 1), (13, 31, 257), (25, 66, 5), (1, 66, 300), (3, 70, 200), (4, 40, 33), (16, 300, 130), (1057, 1030, 3), (7, 9, 2100), (1040, 1050, 1030)];

    public static TheoryData<SimdLevel, int, int, int> Shapes => [..
        new[] { SimdLevel.Vector128, SimdLevel.Avx2, SimdLevel.Avx512 }.Where(level => level <= SimdLevels.Best)
            .SelectMany(_ => Sizes, (level, s) => (level, s.M, s.N, s.K))];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Is_the_float32_product_rounded_once(SimdLevel level, int M, int N, int K)
    {
        Compare<BFloat16, BFloat16Element, BFloat16, BFloat16Element>(level, M, N, K, transposed: false, accumulate: false, activate: true);
        Compare<BFloat16, BFloat16Element, BFloat16, BFloat16Element>(level, M, N, K, transposed: true, accumulate: true, activate: false);
        Compare<BFloat16, BFloat16Element, float, Float32Element>(level, M, N, K, transposed: true, accumulate: true, activate: false);
        Compare<Half, Float16Element, Half, Float16Element>(level, M, N, K, transposed: true, accumulate: false, activate: true);
        Compare<Half, Float16Element, Half, Float16Element>(level, M, N, K, transposed: false, accumulate: true, activate: false);
        Compare<Half, Float16Element, float, Float32Element>(level, M, N, K, transposed: false, accumulate: false, activate: false);
    }

    private static void Compare<T, E, TC, EC>(SimdLevel level, int M, int N, int K, bool transposed, bool accumulate, bool activate)
        where T : unmanaged
        where E : unmanaged, ITensorElement<T>
        where TC : unmanaged
        where EC : unmanaged, IElement<TC>
    {
        T[] a = Values<T, E>((long)M * K, 1);
        T[] b = Values<T, E>((long)K * N, 2);
        TC[] actual = Values<TC, EC>((long)M * N, 3);
        TC[] actualPre = new TC[actual.Length];
        float[] bias = Values<float, Float32Element>(N, 4);
        float[] wideA = [.. a.Select(E.Load)];
        float[] wideB = [.. b.Select(E.Load)];
        float[] expected = [.. actual.Select(EC.Load)];
        float[] expectedPre = new float[expected.Length];
        MatrixLayout la = transposed ? new(1, M) : new(K, 1);
        MatrixLayout lb = transposed ? new(1, K) : new(N, 1);
        GemmSize size = new(M, N, K);
        using CpuWorkers workers = new(2);
        CpuOverrides overrides = SimdOverrides.For(level);
        fixed (T* pa = a, pb = b)
        fixed (TC* pc = actual, pz = actualPre)
        fixed (float* qa = wideA, qb = wideB, qc = expected, qz = expectedPre, pd = bias)
        {
            View<float> d = activate ? new(pd, N) : default;
            View<TC> z = activate ? new(pz, actual.Length) : default;
            View<float> y = activate ? new(qz, actual.Length) : default;
            if (activate)
            {
                TensorGemm<GeluTanh, T, E, TC, EC> narrow = new(
                    new(pa, a.Length), new(pb, b.Length), new(pc, actual.Length), d, z, la, lb, new(N, 1), size, accumulate);
                Gemm<GeluTanh> wide = new(new(qa, a.Length), new(qb, b.Length), new(qc, actual.Length), d, y, la, lb, new(N, 1), size, accumulate);
                Run(overrides, workers, narrow, size.Blocks);
                Run(overrides, workers, wide, size.Blocks);
            }
            else
            {
                TensorGemm<Identity, T, E, TC, EC> narrow = new(
                    new(pa, a.Length), new(pb, b.Length), new(pc, actual.Length), d, z, la, lb, new(N, 1), size, accumulate);
                Gemm<Identity> wide = new(new(qa, a.Length), new(qb, b.Length), new(qc, actual.Length), d, y, la, lb, new(N, 1), size, accumulate);
                Run(overrides, workers, narrow, size.Blocks);
                Run(overrides, workers, wide, size.Blocks);
            }
        }

        AssertRounded<TC, EC>(expected, actual);
        AssertRounded<TC, EC>(expectedPre, actualPre);
    }

    private static void AssertRounded<TC, EC>(float[] expected, TC[] actual)
        where TC : unmanaged
        where EC : unmanaged, IElement<TC>
    {
        for (int i = 0; i < expected.Length; i++)
        {
            float e = EC.Load(EC.Store(expected[i]));
            float a = EC.Load(actual[i]);
            if (a != e)
            {
                Assert.Fail($"element {i} is {a:R}, expected {e:R}");
            }
        }
    }

    private static void Run<TKernel>(CpuOverrides overrides, CpuWorkers workers, TKernel kernel, long blocks)
        where TKernel : unmanaged, IKernel => Assert.True(overrides.TryRun(KernelDescriptor<TKernel>.Instance, &kernel, blocks, workers));

    private static T[] Values<T, E>(long count, ulong stream)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        RandomStream random = new(5, stream);
        T[] values = new T[count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = E.Store((2f * random.NextUniform()) - 1f);
        }

        return values;
    }
}
