using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>
/// The matrix product as Goto and van de Geijn build it ("Anatomy of high-performance matrix multiplication", 2008): operands
/// are copied into panels that the register tile (<see cref="GemmMicro{S, V, R, W}"/>) reads front to back. Large products are
/// cut into chunks (<see cref="GemmChunks{S, V}"/>): all of a chunk's A is packed first, by all workers; then each takes shares of
/// C (<see cref="GemmShare{S, V}"/>) and packs the columns of B that it needs, while the next are fetched from memory. A panel of B
/// stays in the first-level cache, a block of A in the second. What is read only a few times is not packed but read where it lies. Small products of a batch are one task each, and few rows take
/// another way (<see cref="GemmRows{S, V}"/>). Runs along k depend on K alone, so no bit of the result depends on shares, chunks
/// or threads.
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
        Register<BFloat16, BFloat16Element, BFloat16, BFloat16Element>(overrides);
        Register<BFloat16, BFloat16Element, float, Float32Element>(overrides);
        Register<Half, Float16Element, Half, Float16Element>(overrides);
        Register<Half, Float16Element, float, Float32Element>(overrides);
    }

    private static void Register<T, E, TC, EC>(CpuOverrides overrides)
        where T : unmanaged
        where E : unmanaged, ITensorElement<T>
        where TC : unmanaged
        where EC : unmanaged, IElement<TC>
    {
        overrides.Add<TensorGemm<Identity, T, E, TC, EC>>(&Plain);
        overrides.Add<TensorGemm<Gelu, T, E, TC, EC>>(&WithGelu);
        overrides.Add<TensorGemm<GeluTanh, T, E, TC, EC>>(&WithGeluTanh);
    }

    private static bool Plain(in Gemm<Identity> k, CpuWorkers workers) => Run(k, Activation.None, workers);

    private static bool WithGelu(in Gemm<Gelu> k, CpuWorkers workers) => Run(k, Activation.Gelu, workers);

    private static bool WithGeluTanh(in Gemm<GeluTanh> k, CpuWorkers workers) => Run(k, Activation.GeluTanh, workers);

    private static bool Plain<T, E, TC, EC>(in TensorGemm<Identity, T, E, TC, EC> k, CpuWorkers workers)
        where T : unmanaged
        where E : unmanaged, ITensorElement<T>
        where TC : unmanaged
        where EC : unmanaged, IElement<TC> => Run(k, Activation.None, workers);

    private static bool WithGelu<T, E, TC, EC>(in TensorGemm<Gelu, T, E, TC, EC> k, CpuWorkers workers)
        where T : unmanaged
        where E : unmanaged, ITensorElement<T>
        where TC : unmanaged
        where EC : unmanaged, IElement<TC> => Run(k, Activation.Gelu, workers);

    private static bool WithGeluTanh<T, E, TC, EC>(in TensorGemm<GeluTanh, T, E, TC, EC> k, CpuWorkers workers)
        where T : unmanaged
        where E : unmanaged, ITensorElement<T>
        where TC : unmanaged
        where EC : unmanaged, IElement<TC> => Run(k, Activation.GeluTanh, workers);

    private static bool Run<F>(in Gemm<F> k, Activation activation, CpuWorkers workers)
        where F : unmanaged, IFunction => Run(GemmJob.Of(k, activation), k.la, k.lb, k.lc, k.size, workers);

    private static bool Run<F, T, E, TC, EC>(in TensorGemm<F, T, E, TC, EC> k, Activation activation, CpuWorkers workers)
        where F : unmanaged, IFunction
        where T : unmanaged
        where E : unmanaged, ITensorElement<T>
        where TC : unmanaged
        where EC : unmanaged, IElement<TC> => Run(GemmJob.Of(k, activation), k.la, k.lb, k.lc, k.size, workers);

    private static bool Run<T, TC>(
        GemmJob<T, TC> job, in MatrixLayout la, in MatrixLayout lb, in MatrixLayout lc, in GemmSize size, CpuWorkers workers)
        where T : unmanaged
        where TC : unmanaged
    {
        if (size.K == 0 || lc.Column != 1 || (job.Accumulate && job.Bias != null))
        {
            return false;
        }

        Batch<T, TC> batch = new(job, la, lb, lc, size.Inner, workers.Handle);
        if (size.Batch > 1 && 2.0 * size.M * size.N * size.K < SmallProduct)
        {
            workers.Run(size.Batch, &Item<T, TC>, &batch);
            return true;
        }

        using Lock.Scope scope = workers.Exclusive();
        for (long item = 0; item < size.Batch; item++)
        {
            Product(batch.At(item), workers, 0, alone: false);
        }

        return true;
    }

    private static void Item<T, TC>(void* state, long index, int worker)
        where T : unmanaged
        where TC : unmanaged
    {
        ref readonly Batch<T, TC> batch = ref *(Batch<T, TC>*)state;
        Product(batch.At(index), CpuWorkers.From(batch.Workers), worker, alone: true);
    }

    private static void Product<T, TC>(GemmJob<T, TC> job, CpuWorkers workers, int worker, bool alone)
        where T : unmanaged
        where TC : unmanaged
    {
        if (GemmRows<S, V>.Fits(job))
        {
            GemmRows<S, V>.Run(job, workers, worker, alone);
            return;
        }

        long rest = GemmRows<S, V>.Rest(job);
        if (rest > 0)
        {
            GemmRows<S, V>.Run(job.Columns(job.N - rest, rest), workers, worker, alone);
            job.N -= rest;
        }

        GemmChunks<S, V>.Run(ref job, workers, worker, alone);
    }

    /// <summary>A batch of products; lives on the stack of the launching thread.</summary>
    private readonly struct Batch<T, TC>(GemmJob<T, TC> first, MatrixLayout la, MatrixLayout lb, MatrixLayout lc, long inner, nint workers)
        where T : unmanaged
        where TC : unmanaged
    {
        private readonly GemmJob<T, TC> _first = first;
        private readonly MatrixLayout _la = la;
        private readonly MatrixLayout _lb = lb;
        private readonly MatrixLayout _lc = lc;
        private readonly long _inner = inner;

        public nint Workers { get; } = workers;

        public GemmJob<T, TC> At(long item)
        {
            GemmJob<T, TC> job = _first;
            long c = _lc.Matrix(item, _inner);
            job.A += _la.Matrix(item, _inner);
            job.B += _lb.Matrix(item, _inner);
            job.C += c;
            job.Pre = job.Pre == null ? null : job.Pre + c;
            return job;
        }
    }
}
