using Engine.KernelLanguage;
using Engine.Kernels;
using Engine.Testing;
using Xunit;

namespace Engine.Tests.Cpu;

/// <summary>
/// The packed matrix product of every vector width, also of those this machine would run in software, against the
/// kernel's body: transposed operands, leading dimensions, edges of every tile, several runs and chunks.
/// </summary>
public sealed unsafe class GemmSimdTests
{
    private const int Gap = 3;

    private static readonly SimdLevel[] Widths = [SimdLevel.Vector128, SimdLevel.Avx2, SimdLevel.Avx512];

    private static readonly (int M, int N, int K)[] Sizes =
    [
        (1, 1, 1), (1, 65, 33), (2, 33, 9), (5, 17, 300), (8, 64, 40), (13, 31, 257), (25, 66, 5), (49, 129, 70), (100, 9, 64),
        (1, 70, 200), (1, 9, 1600), (1, 531, 307), (2, 12, 130), (3, 66, 131), (4, 33, 900), (7, 40, 129), (16, 37, 1000), (31, 600, 160), (32, 300, 140),
        (49, 531, 70), (270, 48, 300), (70, 65, 130), (45, 35, 145),

        // One column; B read where it lies, in one run and in three; rows, or columns, of A a multiple of 4 KiB apart.
        (5, 1, 140), (40, 1, 200), (300, 1, 33), (40, 16, 33), (70, 64, 300), (100, 48, 520), (40, 9, 1024 - Gap), (1024 - Gap, 20, 40),
    ];

    public static TheoryData<SimdLevel, int, int, int> Shapes =>
        [.. Widths.SelectMany(_ => Sizes, (level, s) => (level, s.M, s.N, s.K))];

    public static TheoryData<SimdLevel> Levels => [.. Widths];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Every_form_equals_the_body(SimdLevel level, int M, int N, int K)
    {
        for (int form = 0; form < 16; form++)
        {
            bool ta = (form & 1) != 0;
            bool tb = (form & 2) != 0;
            bool accumulate = (form & 4) != 0;
            bool threads = (form & 8) != 0;
            GemmSize size = new(M, N, K);
            Compare(level, size, ta, tb, accumulate, activate: false, threads ? 3 : 1);
            Compare(level, size, ta, tb, accumulate: false, activate: true, threads ? 3 : 1);
        }
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void A_sum_of_several_chunks_equals_the_body(SimdLevel level) =>
        Compare(level, new GemmSize(7, 9, 2100), true, true, accumulate: true, activate: false, threads: 2);

    [Theory]
    [MemberData(nameof(Levels))]
    public void More_rows_and_columns_than_a_chunk_equal_the_body(SimdLevel level) =>
        Compare(level, new GemmSize(1057, 1030, 3), false, false, accumulate: false, activate: true, threads: 2);

    [Theory]
    [MemberData(nameof(Levels))]
    public void A_batch_equals_the_body(SimdLevel level) =>
        Compare(level, new GemmSize(14, 20, 33, 3, 2), false, true, accumulate: false, activate: false, threads: 3);

    [Theory]
    [MemberData(nameof(Levels))]
    public void The_number_of_threads_changes_no_bit(SimdLevel level)
    {
        foreach ((int M, int N, int K) in Sizes)
        {
            foreach (bool tb in new[] { false, true })
            {
                float[] one = Product(level, M, N, K, tb, threads: 1);
                Assert.Equal(one, Product(level, M, N, K, tb, threads: 2));
                Assert.Equal(one, Product(level, M, N, K, tb, threads: 3));
            }
        }
    }

    private static float[] Product(SimdLevel level, int M, int N, int K, bool tb, int threads)
    {
        GemmSize size = new(M, N, K);
        MatrixLayout lb = tb ? new(1, K) : new(N, 1);
        float[] a = Values((long)M * K, new(K, 1), M, K, size, 1);
        float[] b = Values((long)K * N, lb, K, N, size, 2);
        float[] c = new float[M * N];
        fixed (float* pa = a, pb = b, pc = c)
        {
            Gemm<Identity> k = new(
                new(pa, a.Length), new(pb, b.Length), new(pc, c.Length), default, default, new(K, 1), lb, new(N, 1), size, false);
            using CpuWorkers workers = new(threads);
            Assert.True(SimdOverrides.For(level).TryRun(KernelDescriptor<Gemm<Identity>>.Instance, &k, size.Blocks, workers));
        }

        return c;
    }

    private static void Compare(SimdLevel level, GemmSize size, bool ta, bool tb, bool accumulate, bool activate, int threads)
    {
        (MatrixLayout la, long countA) = Layout(size.M, size.K, ta, size);
        (MatrixLayout lb, long countB) = Layout(size.K, size.N, tb, size);
        (MatrixLayout lc, long countC) = Layout(size.M, size.N, false, size);

        // What lies between rows is NaN: a value read from there would show in the result.
        float[] a = Values(countA, la, size.M, size.K, size, 1);
        float[] b = Values(countB, lb, size.K, size.N, size, 2);
        float[] bias = Values(size.N, new MatrixLayout(0, 1), 1, size.N, new GemmSize(1, size.N, 1), 3);
        float[] expected = Values(countC, lc, size.M, size.N, size, 4);
        float[] actual = [.. expected];
        float[] expectedPre = new float[countC];
        float[] actualPre = new float[countC];
        fixed (float* pa = a, pb = b, pd = bias, pe = expected, pc = actual, pz = expectedPre, pp = actualPre)
        {
            View<float> va = new(pa, countA);
            View<float> vb = new(pb, countB);
            View<float> vd = activate ? new(pd, size.N) : default;
            View<float> vz = activate ? new(pz, countC) : default;
            View<float> vp = activate ? new(pp, countC) : default;
            Gemm<GeluTanh> gelu = new(va, vb, new(pe, countC), vd, vz, la, lb, lc, size, accumulate);
            Gemm<Identity> plain = new(va, vb, new(pe, countC), vd, vz, la, lb, lc, size, accumulate);
            using CpuWorkers workers = new(threads);
            CpuOverrides overrides = SimdOverrides.For(level);
            bool ran;
            if (activate)
            {
                Body(gelu, size.Blocks);
                Gemm<GeluTanh> k = gelu with { C = new(pc, countC), pre = vp };
                ran = overrides.TryRun(KernelDescriptor<Gemm<GeluTanh>>.Instance, &k, size.Blocks, workers);
            }
            else
            {
                Body(plain, size.Blocks);
                Gemm<Identity> k = plain with { C = new(pc, countC), pre = vp };
                ran = overrides.TryRun(KernelDescriptor<Gemm<Identity>>.Instance, &k, size.Blocks, workers);
            }

            Assert.True(ran);
        }

        // Rounding errors of a sum of K terms of size 1, added in two different orders.
        Tolerance close = new(2e-6 * Math.Sqrt(size.K), 2e-5);
        string what = $"{level} ({size.M}, {size.N}, {size.K}) {(ta ? 'T' : 'N')}{(tb ? 'T' : 'N')} accumulate {accumulate} activate {activate}";
        close.AssertClose(expected, actual, what);
        close.AssertClose(expectedPre, actualPre, what + " pre");
    }

    private static void Body<TKernel>(TKernel kernel, long blocks)
        where TKernel : struct, IKernel
    {
        for (long i = 0; i < blocks; i++)
        {
            kernel.Execute(new Block(i));
        }
    }

    private static (MatrixLayout Layout, long Count) Layout(long rows, long columns, bool transposed, GemmSize size)
    {
        long leading = (transposed ? rows : columns) + Gap;
        long matrix = leading * (transposed ? columns : rows);
        MatrixLayout layout = new(leading, 1, size.Inner * matrix, matrix);
        return (transposed ? layout.Transposed : layout, matrix * size.Batch);
    }

    private static float[] Values(long count, MatrixLayout layout, long rows, long columns, GemmSize size, ulong stream)
    {
        float[] values = new float[count];
        Array.Fill(values, float.NaN);
        RandomStream random = new(5, stream);
        for (long item = 0; item < size.Batch; item++)
        {
            for (long i = 0; i < rows; i++)
            {
                for (long j = 0; j < columns; j++)
                {
                    values[layout.Matrix(item, size.Inner) + layout.At(i, j)] = (2f * random.NextUniform()) - 1f;
                }
            }
        }

        return values;
    }
}
