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
        overrides.Add<RowNormForward>(&Forward);
        overrides.Add<RowNormBackward>(&Backward);
    }

    private static bool Forward(in RowNormForward k, long blocks, CpuWorkers workers)
    {
        ForwardState state = new(k, blocks, Math.Max(1, ElementsPerTask / Math.Max(1, k.C)));
        workers.Run((blocks + state.Step - 1) / state.Step, &ForwardTask, &state);
        return true;
    }

    private static void ForwardTask(void* state, long index, int worker)
    {
        ref readonly ForwardState s = ref *(ForwardState*)state;
        long end = Math.Min(s.Rows, (index + 1) * s.Step);
        for (long row = index * s.Step; row < end; row++)
        {
            float* x = s.K.x.Pointer + (row * s.K.C);
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
    private static Moments Of(float* x, long C, float eps)
    {
        float mu = SimdSums<S, V>.Sum(x, C) / C;
        (float e, float q) = SimdSums<S, V>.Centred(x, C, mu);
        float shift = e / C;
        return new Moments(mu + shift, 1f / MathF.Sqrt((q / C) - (shift * shift) + eps));
    }

    private static Moments Uncentred(float* x, long C, float eps) =>
        new(0f, 1f / MathF.Sqrt((SimdSums<S, V>.Centred(x, C, 0f).Squares / C) + eps));

    private static void Normalise(float* x, float* gamma, float* beta, float* y, long C, Moments m)
    {
        V mu = S.Create(m.Mean);
        V r = S.Create(m.Rstd);
        long c = 0;
        for (; c + S.Width <= C; c += S.Width)
        {
            V v = S.Mul(S.Sub(S.Load(x + c), mu), r);
            v = gamma == null ? v : S.Mul(S.Load(gamma + c), v);
            S.Store(y + c, beta == null ? v : S.Add(v, S.Load(beta + c)));
        }

        for (; c < C; c++)
        {
            float v = (x[c] - m.Mean) * m.Rstd;
            v = gamma == null ? v : gamma[c] * v;
            y[c] = beta == null ? v : v + beta[c];
        }
    }

    private static bool Backward(in RowNormBackward k, long blocks, CpuWorkers workers)
    {
        fixed (RowNormBackward* state = &k)
        {
            workers.Run(blocks, &BackwardChunk, state);
        }

        return true;
    }

    private static void BackwardChunk(void* state, long index, int worker)
    {
        ref readonly RowNormBackward k = ref *(RowNormBackward*)state;
        long C = k.C;
        float* dGamma = k.dGamma.Exists ? k.dGamma.Pointer + (index * C) : null;
        float* dBeta = k.dBeta.Exists ? k.dBeta.Pointer + (index * C) : null;
        Clear(dGamma, C);
        Clear(dBeta, C);
        long end = Math.Min(k.N, (index + 1) * RowNormBackward.ChunkRows);
        for (long n = index * RowNormBackward.ChunkRows; n < end; n++)
        {
            float* x = k.x.Pointer + (n * C);
            float* dY = k.dY.Pointer + (n * C);
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
    private static void AddGain(float* x, float* dY, float* dGamma, long C, Moments m)
    {
        V mu = S.Create(m.Mean);
        V r = S.Create(m.Rstd);
        long c = 0;
        for (; c + S.Width <= C; c += S.Width)
        {
            V xhat = S.Mul(S.Sub(S.Load(x + c), mu), r);
            S.Store(dGamma + c, S.Fma(S.Load(dY + c), xhat, S.Load(dGamma + c)));
        }

        for (; c < C; c++)
        {
            dGamma[c] += dY[c] * ((x[c] - m.Mean) * m.Rstd);
        }
    }

    // dβ += dY.
    private static void AddBias(float* dY, float* dBeta, long C)
    {
        long c = 0;
        for (; c + S.Width <= C; c += S.Width)
        {
            S.Store(dBeta + c, S.Add(S.Load(dBeta + c), S.Load(dY + c)));
        }

        for (; c < C; c++)
        {
            dBeta[c] += dY[c];
        }
    }

    // Σ g and Σ g·x̂ with g = γ·dY.
    private static (float G, float GX) GradientSums(float* x, float* gamma, float* dY, long C, Moments m)
    {
        V mu = S.Create(m.Mean);
        V r = S.Create(m.Rstd);
        V sum = S.Zero;
        V sumX = S.Zero;
        long c = 0;
        for (; c + S.Width <= C; c += S.Width)
        {
            V g = gamma == null ? S.Load(dY + c) : S.Mul(S.Load(gamma + c), S.Load(dY + c));
            sum = S.Add(sum, g);
            sumX = S.Fma(g, S.Mul(S.Sub(S.Load(x + c), mu), r), sumX);
        }

        float total = S.Sum(sum);
        float totalX = S.Sum(sumX);
        for (; c < C; c++)
        {
            float g = gamma == null ? dY[c] : gamma[c] * dY[c];
            total += g;
            totalX += g * ((x[c] - m.Mean) * m.Rstd);
        }

        return (total, totalX);
    }

    // dX = r·(g − mean g − x̂·mean(g·x̂)).
    private static void InputGradient(float* x, float* gamma, float* dY, float* dX, long C, Moments m, float meanG, float meanGX)
    {
        V mu = S.Create(m.Mean);
        V r = S.Create(m.Rstd);
        V mg = S.Create(meanG);
        V mgx = S.Create(-meanGX);
        long c = 0;
        for (; c + S.Width <= C; c += S.Width)
        {
            V g = gamma == null ? S.Load(dY + c) : S.Mul(S.Load(gamma + c), S.Load(dY + c));
            V xhat = S.Mul(S.Sub(S.Load(x + c), mu), r);
            S.Store(dX + c, S.Mul(r, S.Fma(xhat, mgx, S.Sub(g, mg))));
        }

        for (; c < C; c++)
        {
            float g = gamma == null ? dY[c] : gamma[c] * dY[c];
            dX[c] = m.Rstd * (g - meanG - ((x[c] - m.Mean) * m.Rstd * meanGX));
        }
    }

    private readonly record struct ForwardState(RowNormForward K, long Rows, long Step);
}
