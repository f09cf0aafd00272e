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
    private const long ElementsPerTask = 8192;

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
        ForwardState<T, E> state = new(k, blocks, Math.Max(1, ElementsPerTask / Math.Max(1, k.C)));
        workers.Run((blocks + state.Step - 1) / state.Step, &ForwardTask<T, E>, &state);
        return true;
    }

    private static void ForwardTask<T, E>(void* state, long index, int worker)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        ref readonly ForwardState<T, E> s = ref *(ForwardState<T, E>*)state;
        long end = Math.Min(s.Rows, (index + 1) * s.Step);
        for (long row = index * s.Step; row < end; row++)
        {
            T* x = s.K.x.Pointer + (row * s.K.C);
            Moments m = s.K.centred ? Of(x, s.K.C, s.K.eps) : Uncentred(x, s.K.C, s.K.eps);
            Normalise(x, s.K.gamma.Pointer, s.K.beta.Pointer, s.K.y.Pointer + (row * s.K.C), s.K.C, m);
            if (s.K.mean.Exists)
            {
                s.K.mean.Pointer[row] = m.Mean;
                s.K.rstd.Pointer[row] = m.Rstd;
            }
        }
    }

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

    private static void Normalise<T>(T* x, float* gamma, float* beta, T* y, long C, Moments m)
        where T : unmanaged
    {
        V mu = S.Create(m.Mean);
        V r = S.Create(m.Rstd);
        long c = 0;
        for (; c + S.Width <= C; c += S.Width)
        {
            V v = S.Mul(S.Sub(Stored<S, V>.Load(x + c), mu), r);
            v = gamma == null ? v : S.Mul(S.Load(gamma + c), v);
            Stored<S, V>.Store(y + c, beta == null ? v : S.Add(v, S.Load(beta + c)));
        }

        for (; c < C; c++)
        {
            float v = (Stored<S, V>.One(x + c) - m.Mean) * m.Rstd;
            v = gamma == null ? v : gamma[c] * v;
            Stored<S, V>.One(y + c, beta == null ? v : v + beta[c]);
        }
    }

    private static bool Backward<T, E>(in RowNormBackward<T, E> k, long blocks, CpuWorkers workers)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        fixed (RowNormBackward<T, E>* state = &k)
        {
            workers.Run(blocks, &BackwardChunk<T, E>, state);
        }

        return true;
    }

    private static void BackwardChunk<T, E>(void* state, long index, int worker)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        ref readonly RowNormBackward<T, E> k = ref *(RowNormBackward<T, E>*)state;
        long C = k.C;
        float* dGamma = k.dGamma.Exists ? k.dGamma.Pointer + (index * C) : null;
        float* dBeta = k.dBeta.Exists ? k.dBeta.Pointer + (index * C) : null;
        Clear(dGamma, C);
        Clear(dBeta, C);
        long end = Math.Min(k.N, (index + 1) * RowNormChunks.Rows);
        for (long n = index * RowNormChunks.Rows; n < end; n++)
        {
            T* x = k.x.Pointer + (n * C);
            T* dY = k.dY.Pointer + (n * C);
            Moments m = new(k.mean.Pointer[n], k.rstd.Pointer[n]);
            if (dGamma != null)
            {
                AddGain(x, dY, dGamma, C, m);
            }

            if (dBeta != null)
            {
                AddBias(dY, dBeta, C);
            }

            if (k.dX.Exists)
            {
                (float g, float gx) = GradientSums(x, k.gamma.Pointer, dY, C, m);
                InputGradient(x, k.gamma.Pointer, dY, k.dX.Pointer + (n * C), C, m, k.centred ? g / C : 0f, gx / C);
            }
        }
    }

    private static void Clear(float* p, long n)
    {
        for (long i = 0; p != null && i < n; i++)
        {
            p[i] = 0f;
        }
    }

    // dγ += dY·x̂.
    private static void AddGain<T>(T* x, T* dY, float* dGamma, long C, Moments m)
        where T : unmanaged
    {
        V mu = S.Create(m.Mean);
        V r = S.Create(m.Rstd);
        long c = 0;
        for (; c + S.Width <= C; c += S.Width)
        {
            V xhat = S.Mul(S.Sub(Stored<S, V>.Load(x + c), mu), r);
            S.Store(dGamma + c, S.Fma(Stored<S, V>.Load(dY + c), xhat, S.Load(dGamma + c)));
        }

        for (; c < C; c++)
        {
            dGamma[c] += Stored<S, V>.One(dY + c) * ((Stored<S, V>.One(x + c) - m.Mean) * m.Rstd);
        }
    }

    // dβ += dY.
    private static void AddBias<T>(T* dY, float* dBeta, long C)
        where T : unmanaged
    {
        long c = 0;
        for (; c + S.Width <= C; c += S.Width)
        {
            S.Store(dBeta + c, S.Add(S.Load(dBeta + c), Stored<S, V>.Load(dY + c)));
        }

        for (; c < C; c++)
        {
            dBeta[c] += Stored<S, V>.One(dY + c);
        }
    }

    // Σ g and Σ g·x̂ with g = γ·dY.
    private static (float G, float GX) GradientSums<T>(T* x, float* gamma, T* dY, long C, Moments m)
        where T : unmanaged
    {
        V mu = S.Create(m.Mean);
        V r = S.Create(m.Rstd);
        V sum = S.Zero;
        V sumX = S.Zero;
        long c = 0;
        for (; c + S.Width <= C; c += S.Width)
        {
            V g = gamma == null ? Stored<S, V>.Load(dY + c) : S.Mul(S.Load(gamma + c), Stored<S, V>.Load(dY + c));
            sum = S.Add(sum, g);
            sumX = S.Fma(g, S.Mul(S.Sub(Stored<S, V>.Load(x + c), mu), r), sumX);
        }

        float total = S.Sum(sum);
        float totalX = S.Sum(sumX);
        for (; c < C; c++)
        {
            float dy = Stored<S, V>.One(dY + c);
            float g = gamma == null ? dy : gamma[c] * dy;
            total += g;
            totalX += g * ((Stored<S, V>.One(x + c) - m.Mean) * m.Rstd);
        }

        return (total, totalX);
    }

    // dX = r·(g − mean g − x̂·mean(g·x̂)).
    private static void InputGradient<T>(T* x, float* gamma, T* dY, T* dX, long C, Moments m, float meanG, float meanGX)
        where T : unmanaged
    {
        V mu = S.Create(m.Mean);
        V r = S.Create(m.Rstd);
        V mg = S.Create(meanG);
        V mgx = S.Create(-meanGX);
        long c = 0;
        for (; c + S.Width <= C; c += S.Width)
        {
            V g = gamma == null ? Stored<S, V>.Load(dY + c) : S.Mul(S.Load(gamma + c), Stored<S, V>.Load(dY + c));
            V xhat = S.Mul(S.Sub(Stored<S, V>.Load(x + c), mu), r);
            Stored<S, V>.Store(dX + c, S.Mul(r, S.Fma(xhat, mgx, S.Sub(g, mg))));
        }

        for (; c < C; c++)
        {
            float dy = Stored<S, V>.One(dY + c);
            float g = gamma == null ? dy : gamma[c] * dy;
            Stored<S, V>.One(dX + c, m.Rstd * (g - meanG - ((Stored<S, V>.One(x + c) - m.Mean) * m.Rstd * meanGX)));
        }
    }

    private readonly record struct ForwardState<T, E>(RowNormForward<T, E> K, long Rows, long Step)
        where T : unmanaged
        where E : unmanaged, IElement<T>;
}
