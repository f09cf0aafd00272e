using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>
/// Layer and RMS normalisation, vectorised along the row. Forward splits over groups of rows, backward over the kernel's own
/// chunks, so that its partial sums are the same whatever the number of threads.
/// </summary>
internal static unsafe class RowNormSimd<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    public static void Register(CpuOverrides overrides)
    {
        Register<float, Float32Element>(overrides);
        Register<BFloat16, BFloat16Element>(overrides);
        Register<Half, Float16Element>(overrides);
    }

    private static void Register<T, E>(CpuOverrides overrides)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        overrides.Add<RowNormForward<T, E>>(&Forward);
        overrides.Add<RowNormBackward<T, E>>(&Backward);
    }

    private static bool Forward<T, E>(in RowNormForward<T, E> k, long blocks, CpuWorkers workers)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        fixed (RowNormForward<T, E>* kernel = &k)
        {
            CpuRows.Run(kernel, blocks, k.C, Streams.Pays(k.y.Pointer, blocks, k.C * sizeof(T)), workers, &ForwardRow<T, E>);
        }

        return true;
    }

    private static void ForwardRow<T, E>(void* kernel, long row, bool stream, float* room)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        ref readonly RowNormForward<T, E> k = ref *(RowNormForward<T, E>*)kernel;
        T* x = k.x.Pointer + (row * k.C);
        T* y = k.y.Pointer + (row * k.C);
        Moments m = k.centred ? Of(x, k.C, k.eps) : Uncentred(x, k.C, k.eps);
        Places<S, V, float> gamma = new(k.gamma.Pointer);
        Places<S, V, float> beta = new(k.beta.Pointer);
        if (k.gamma.Exists && k.beta.Exists)
        {
            Normalise(x, gamma, beta, y, k.C, m, stream);
        }
        else if (k.gamma.Exists)
        {
            Normalise(x, gamma, Zero, y, k.C, m, stream);
        }
        else if (k.beta.Exists)
        {
            Normalise(x, One, beta, y, k.C, m, stream);
        }
        else
        {
            Normalise(x, One, Zero, y, k.C, m, stream);
        }

        if (k.mean.Exists)
        {
            k.mean.Pointer[row] = m.Mean;
            k.rstd.Pointer[row] = m.Rstd;
        }
    }

    private static Constant<V> One => new(S.Create(1f));

    private static Constant<V> Zero => new(S.Zero);

    // The same corrected two-pass moments as the kernel's.
    private static Moments Of<T>(T* x, long C, float eps)
        where T : unmanaged
    {
        float mu = SimdSums<S, V>.Sum(x, C) / C;
        (float e, float q) = SimdSums<S, V>.Centred(x, C, mu);
        float shift = e / C;
        return new Moments(mu + shift, 1f / MathF.Sqrt((q / C) - (shift * shift) + eps));
    }

    private static Moments Uncentred<T>(T* x, long C, float eps)
        where T : unmanaged =>
        new(0f, 1f / MathF.Sqrt((SimdSums<S, V>.Centred(x, C, 0f).Squares / C) + eps));

    // y = γ·((x − μ)·r) + β. Meanwhile what comes next is on its way.
    private static void Normalise<T, SG, SB>(T* x, SG gamma, SB beta, T* y, long C, Moments m, bool stream)
        where T : unmanaged
        where SG : struct, IOperand<V>
        where SB : struct, IOperand<V>
    {
        V mu = S.Create(m.Mean);
        V r = S.Create(m.Rstd);
        long c = 0;
        for (; c + S.Width <= C; c += S.Width)
        {
            V xhat = S.Mul(S.Sub(Stored<S, V>.Load(x + c), mu), r);
            Stored<S, V>.Store(y + c, S.Fma(gamma.At(c), xhat, beta.At(c)), stream);
            S.Prefetch((byte*)(x + c) + Streams.Ahead);
        }

        if (c < C)
        {
            int n = (int)(C - c);
            V xhat = S.Mul(S.Sub(Stored<S, V>.Load(x + c, n), mu), r);
            Stored<S, V>.Store(y + c, S.Fma(gamma.At(c, n), xhat, beta.At(c, n)), n);
        }
    }

    private static bool Backward<T, E>(in RowNormBackward<T, E> k, long blocks, CpuWorkers workers)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        fixed (RowNormBackward<T, E>* state = &k)
        {
            workers.Run((blocks + ChunksPerTask(blocks) - 1) / ChunksPerTask(blocks), &BackwardChunks<T, E>, state);
        }

        return true;
    }

    // As for Elementwise.PerTask.
    private static long ChunksPerTask(long chunks) => Math.Max(1, chunks / 64);

    private static void BackwardChunks<T, E>(void* state, long index, int worker)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        ref readonly RowNormBackward<T, E> k = ref *(RowNormBackward<T, E>*)state;
        long chunks = RowNormChunks.Of(k.N);
        long perTask = ChunksPerTask(chunks);
        for (long chunk = index * perTask; chunk < Math.Min(chunks, (index + 1) * perTask); chunk++)
        {
            if (k.gamma.Exists)
            {
                BackwardRows(k, chunk, new Places<S, V, float>(k.gamma.Pointer));
            }
            else
            {
                BackwardRows(k, chunk, One);
            }
        }
    }

    private static void BackwardRows<T, E, SG>(in RowNormBackward<T, E> k, long index, SG gamma)
        where T : unmanaged
        where E : unmanaged, IElement<T>
        where SG : struct, IOperand<V>
    {
        long C = k.C;
        float* dGamma = k.dGamma.Exists ? k.dGamma.Pointer + (index * C) : null;
        float* dBeta = k.dBeta.Exists ? k.dBeta.Pointer + (index * C) : null;
        bool stream = k.dX.Exists && Streams.Pays(k.dX.Pointer, k.N, C * sizeof(T));
        Clear(dGamma, C);
        Clear(dBeta, C);
        long end = Math.Min(k.N, (index + 1) * RowNormChunks.Rows);
        for (long n = index * RowNormChunks.Rows; n < end; n++)
        {
            T* x = k.x.Pointer + (n * C);
            T* dY = k.dY.Pointer + (n * C);
            T* dX = k.dX.Exists ? k.dX.Pointer + (n * C) : null;
            Moments m = new(k.mean.Pointer[n], k.rstd.Pointer[n]);
            (float g, float gx) = dX != null ? Sums(x, gamma, dY, C, m) : default;
            Gradients(x, gamma, dY, dX, dGamma, dBeta, C, m, k.centred ? g / C : 0f, gx / C, stream);
        }

        if (stream)
        {
            Streams.Fence();
        }
    }

    private static void Clear(float* p, long n)
    {
        if (p != null)
        {
            new Span<float>(p, (int)n).Clear();
        }
    }

    // Σ g and Σ g·x̂ with g = γ·dY.
    private static (float G, float GX) Sums<T, SG>(T* x, SG gamma, T* dY, long C, Moments m)
        where T : unmanaged
        where SG : struct, IOperand<V>
    {
        V mu = S.Create(m.Mean);
        V r = S.Create(m.Rstd);
        V g0 = S.Zero, g1 = S.Zero, x0 = S.Zero, x1 = S.Zero;
        long c = 0;
        for (; c + (2 * S.Width) <= C; c += 2 * S.Width)
        {
            long d = c + S.Width;
            V gy0 = S.Mul(gamma.At(c), Stored<S, V>.Load(dY + c));
            V gy1 = S.Mul(gamma.At(d), Stored<S, V>.Load(dY + d));
            g0 = S.Add(g0, gy0);
            g1 = S.Add(g1, gy1);
            x0 = S.Fma(gy0, S.Mul(S.Sub(Stored<S, V>.Load(x + c), mu), r), x0);
            x1 = S.Fma(gy1, S.Mul(S.Sub(Stored<S, V>.Load(x + d), mu), r), x1);
        }

        for (; c < C; c += S.Width)
        {
            int n = (int)Math.Min(S.Width, C - c);
            V gy = S.Mul(gamma.At(c, n), Stored<S, V>.Load(dY + c, n));
            g0 = S.Add(g0, gy);
            x0 = S.Fma(gy, S.Mul(S.Sub(Stored<S, V>.Load(x + c, n), mu), r), x0);
        }

        return (S.Sum(S.Add(g0, g1)), S.Sum(S.Add(x0, x1)));
    }

    // dX = r·(g − mean g − x̂·mean(g·x̂)), dγ += dY·x̂ and dβ += dY, as far as they are wanted. Meanwhile what comes next is on its way, so
    // as much as can be is done here and not in the sums.
    private static void Gradients<T, SG>(
        T* x, SG gamma, T* dY, T* dX, float* dGamma, float* dBeta, long C, Moments m, float meanG, float meanGX, bool stream)
        where T : unmanaged
        where SG : struct, IOperand<V>
    {
        V mu = S.Create(m.Mean);
        V r = S.Create(m.Rstd);
        V mg = S.Create(meanG);
        V mgx = S.Create(-meanGX);
        long c = 0;
        for (; c + S.Width <= C; c += S.Width)
        {
            V dy = Stored<S, V>.Load(dY + c);
            V xhat = S.Mul(S.Sub(Stored<S, V>.Load(x + c), mu), r);
            if (dX != null)
            {
                Stored<S, V>.Store(dX + c, S.Mul(r, S.Fma(xhat, mgx, S.Sub(S.Mul(gamma.At(c), dy), mg))), stream);
            }

            if (dGamma != null)
            {
                S.Store(dGamma + c, S.Fma(dy, xhat, S.Load(dGamma + c)));
            }

            if (dBeta != null)
            {
                S.Store(dBeta + c, S.Add(S.Load(dBeta + c), dy));
            }

            S.Prefetch((byte*)(x + c) + Streams.Ahead);
            S.Prefetch((byte*)(dY + c) + Streams.Ahead);
        }

        if (c < C)
        {
            int n = (int)(C - c);
            V dy = Stored<S, V>.Load(dY + c, n);
            V xhat = S.Mul(S.Sub(Stored<S, V>.Load(x + c, n), mu), r);
            if (dX != null)
            {
                Stored<S, V>.Store(dX + c, S.Mul(r, S.Fma(xhat, mgx, S.Sub(S.Mul(gamma.At(c, n), dy), mg))), n);
            }

            if (dGamma != null)
            {
                S.Store(dGamma + c, S.Fma(dy, xhat, S.Load(dGamma + c, n)), n);
            }

            if (dBeta != null)
            {
                S.Store(dBeta + c, S.Add(S.Load(dBeta + c, n), dy), n);
            }
        }
    }
}
