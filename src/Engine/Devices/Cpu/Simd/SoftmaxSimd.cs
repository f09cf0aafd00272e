using Engine.Kernels;

namespace Engine;

/// <summary>Softmax, log-softmax and log-sum-exp over the last axis, vectorised along the row. Other axes run the kernels' bodies.</summary>
internal static unsafe class SoftmaxSimd<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    public static void Register(CpuOverrides overrides)
    {
        overrides.Add<SoftmaxForward>(&Forward);
        overrides.Add<SoftmaxBackward>(&Backward);
        overrides.Add<LogSumExpForward>(&LogSumExp);
        overrides.Add<LogSumExpBackward>(&LogSumExpGradient);
    }

    private static bool Forward(in SoftmaxForward k, long blocks, CpuWorkers workers)
    {
        if (k.inner != 1)
        {
            return false;
        }

        fixed (SoftmaxForward* kernel = &k)
        {
            CpuRows.Run(kernel, blocks, k.n, workers, &ForwardRow);
        }

        return true;
    }

    private static void ForwardRow(void* kernel, long row)
    {
        ref readonly SoftmaxForward k = ref *(SoftmaxForward*)kernel;
        float* x = k.x.Pointer + (row * k.n);
        float* y = k.y.Pointer + (row * k.n);
        if (!k.log)
        {
            ExpSum s = SimdExp<S, V>.Sum(x, y, k.n);
            SimdExp<S, V>.Affine(y, y, k.n, 1f / s.Sum, 0f);
            return;
        }

        ExpSum l = SimdExp<S, V>.Sum(x, null, k.n);
        V max = S.Create(l.Max);
        float log = MathF.Log(l.Sum);
        V logSum = S.Create(log);
        long i = 0;
        for (; i + S.Width <= k.n; i += S.Width)
        {
            S.Store(y + i, S.Sub(S.Sub(S.Load(x + i), max), logSum));
        }

        for (; i < k.n; i++)
        {
            y[i] = x[i] - l.Max - log;
        }
    }

    private static bool Backward(in SoftmaxBackward k, long blocks, CpuWorkers workers)
    {
        if (k.inner != 1)
        {
            return false;
        }

        fixed (SoftmaxBackward* kernel = &k)
        {
            CpuRows.Run(kernel, blocks, k.n, workers, &BackwardRow);
        }

        return true;
    }

    private static void BackwardRow(void* kernel, long row)
    {
        ref readonly SoftmaxBackward k = ref *(SoftmaxBackward*)kernel;
        float* y = k.y.Pointer + (row * k.n);
        float* dY = k.dY.Pointer + (row * k.n);
        float* dX = k.dX.Pointer + (row * k.n);
        if (k.log)
        {
            // −e^y·Σ dY first, then the gradient itself on top.
            SimdExp<S, V>.Scaled(y, dX, k.n, 0f, -SimdSums<S, V>.Sum(dY, k.n), 0f);
            Add(dY, dX, k.n);
        }
        else
        {
            Product(y, dY, dX, k.n, Dot(y, dY, k.n));
        }
    }

    private static void Add(float* x, float* y, long n)
    {
        long i = 0;
        for (; i + S.Width <= n; i += S.Width)
        {
            S.Store(y + i, S.Add(S.Load(x + i), S.Load(y + i)));
        }

        for (; i < n; i++)
        {
            y[i] = x[i] + y[i];
        }
    }

    private static float Dot(float* a, float* b, long n)
    {
        V s = S.Zero;
        long i = 0;
        for (; i + S.Width <= n; i += S.Width)
        {
            s = S.Fma(S.Load(a + i), S.Load(b + i), s);
        }

        float sum = S.Sum(s);
        for (; i < n; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }

    // dX = y·(dY − s).
    private static void Product(float* y, float* dY, float* dX, long n, float s)
    {
        V sum = S.Create(s);
        long i = 0;
        for (; i + S.Width <= n; i += S.Width)
        {
            S.Store(dX + i, S.Mul(S.Load(y + i), S.Sub(S.Load(dY + i), sum)));
        }

        for (; i < n; i++)
        {
            dX[i] = y[i] * (dY[i] - s);
        }
    }

    private static bool LogSumExp(in LogSumExpForward k, long blocks, CpuWorkers workers)
    {
        if (k.inner != 1)
        {
            return false;
        }

        fixed (LogSumExpForward* kernel = &k)
        {
            CpuRows.Run(kernel, blocks, k.n, workers, &LogSumExpRow);
        }

        return true;
    }

    private static void LogSumExpRow(void* kernel, long row)
    {
        ref readonly LogSumExpForward k = ref *(LogSumExpForward*)kernel;
        k.y.Pointer[row] = SimdExp<S, V>.Sum(k.x.Pointer + (row * k.n), null, k.n).LogSumExp;
    }

    private static bool LogSumExpGradient(in LogSumExpBackward k, long blocks, CpuWorkers workers)
    {
        if (k.inner != 1)
        {
            return false;
        }

        fixed (LogSumExpBackward* kernel = &k)
        {
            CpuRows.Run(kernel, blocks, k.n, workers, &LogSumExpGradientRow);
        }

        return true;
    }

    private static void LogSumExpGradientRow(void* kernel, long row)
    {
        ref readonly LogSumExpBackward k = ref *(LogSumExpBackward*)kernel;
        long at = row * k.n;
        float l = k.y.Pointer[row];
        SimdExp<S, V>.Scaled(k.x.Pointer + at, k.dX.Pointer + at, k.n, float.IsNegativeInfinity(l) ? 0f : l, k.dY.Pointer[row], 0f);
    }
}
