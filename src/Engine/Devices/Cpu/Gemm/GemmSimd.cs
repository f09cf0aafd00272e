using Engine.Kernels;

namespace Engine;

/// <summary>
/// The matrix product as Goto and van de Geijn build it ("Anatomy of high-performance matrix multiplication", 2008): operands
/// are copied into panels that the register tile (<see cref="GemmMicro{S, V, R, W}"/>) reads front to back, a block of A
/// stays in the second-level cache and a panel of B in the first. Large products are cut into chunks whose panels fit a
/// shared buffer; packing and the tiles of a chunk are spread over the workers. Small products of a batch are one task
/// each. Runs along k depend on K alone, so no bit of the result depends on tiles, chunks or threads.
/// </summary>
internal static unsafe class GemmSimd<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    // 2·M·N·K below which one worker does a whole product of a batch.
    private const double SmallProduct = 8e6;

    public static void Register(CpuOverrides overrides)
    {
        overrides.Add<Gemm<Identity>>(&Plain);
        overrides.Add<Gemm<Gelu>>(&WithGelu);
        overrides.Add<Gemm<GeluTanh>>(&WithGeluTanh);
    }

    private static bool Plain(in Gemm<Identity> k, CpuWorkers workers) => Run(k, Activation.None, workers);

    private static bool WithGelu(in Gemm<Gelu> k, CpuWorkers workers) => Run(k, Activation.Gelu, workers);

    private static bool WithGeluTanh(in Gemm<GeluTanh> k, CpuWorkers workers) => Run(k, Activation.GeluTanh, workers);

    private static bool Run<F>(in Gemm<F> k, Activation activation, CpuWorkers workers)
        where F : unmanaged, IFunction
    {
        GemmSize size = k.size;
        if (size.K == 0 || k.lc.Column != 1 || (k.accumulate && k.bias.Exists))
        {
            return false;
        }

        GemmJob job = GemmJob.Of(k, activation);
        Batch batch = new(job, k.la, k.lb, k.lc, size.Inner, workers.Handle);
        if (size.Batch > 1 && 2.0 * size.M * size.N * size.K < SmallProduct)
        {
            workers.Run(size.Batch, &Item, &batch);
            return true;
        }

        using Lock.Scope scope = workers.Exclusive();
        for (long item = 0; item < size.Batch; item++)
        {
            job = batch.At(item);
            GemmChunks<S, V>.Run(ref job, workers, 0, alone: false);
        }

        return true;
    }

    private static void Item(void* state, long index, int worker)
    {
        ref readonly Batch batch = ref *(Batch*)state;
        GemmJob job = batch.At(index);
        GemmChunks<S, V>.Run(ref job, CpuWorkers.From(batch.Workers), worker, alone: true);
    }

    /// <summary>A batch of products; lives on the stack of the launching thread.</summary>
    private readonly struct Batch(GemmJob first, MatrixLayout la, MatrixLayout lb, MatrixLayout lc, long inner, nint workers)
    {
        private readonly GemmJob _first = first;
        private readonly MatrixLayout _la = la;
        private readonly MatrixLayout _lb = lb;
        private readonly MatrixLayout _lc = lc;
        private readonly long _inner = inner;

        public nint Workers { get; } = workers;

        public GemmJob At(long item)
        {
            GemmJob job = _first;
            long c = _lc.Matrix(item, _inner);
            job.A += _la.Matrix(item, _inner);
            job.B += _lb.Matrix(item, _inner);
            job.C += c;
            job.Pre = job.Pre == null ? null : job.Pre + c;
            return job;
        }
    }
}
