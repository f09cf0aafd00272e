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
            bool stream = Streams.Pays(k.y.Pointer, blocks, k.n * sizeof(float));
            CpuRows.Run(kernel, blocks, k.n, stream, workers, &ForwardRow, needsRoom: stream && !k.log);
        }

        return true;
    }

    private static void ForwardRow(void* kernel, long row, bool stream, float* room)
    {
        ref readonly SoftmaxForward k = ref *(SoftmaxForward*)kernel;
        float* x = k.x.Pointer + (row * k.n);
        float* y = k.y.Pointer + (row * k.n);
        if (!k.log)
        {
            SimdExp<S, V>.Softmax(x, stream ? room : y, y, k.n, stream);
        }
        else
        {
            ExpSum s = SimdExp<S, V>.Sum(x, k.n);
            Shift(x, y, k.n, s.Max, MathF.Log(s.Divisor), stream);
        }
    }

    // y = x − max − logSum.
    private static void Shift(float* x, float* y, long n, float max, float logSum, bool stream)
    {
        V m = S.Create(max);
        V l = S.Create(logSum);
        long i = 0;
        for (; i + S.Width <= n; i += S.Width)
        {
            Stored<S, V>.Store(y + i, S.Sub(S.Sub(S.Load(x + i), m), l), stream);
        }

        if (i < n)
        {
            int rest = (int)(n - i);
            S.Store(y + i, S.Sub(S.Sub(S.Load(x + i, rest), m), l), rest);
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
            CpuRows.Run(kernel, blocks, k.n, Streams.Pays(k.dX.Pointer, blocks, k.n * sizeof(float)), workers, &BackwardRow);
        }

        return true;
    }

    private static void BackwardRow(void* kernel, long row, bool stream, float* room)
    {
        ref readonly SoftmaxBackward k = ref *(SoftmaxBackward*)kernel;
        float* y = k.y.Pointer + (row * k.n);
        float* dY = k.dY.Pointer + (row * k.n);
        float* dX = k.dX.Pointer + (row * k.n);
        if (k.log)
        {
            LogGradient(y, dY, dX, k.n, SimdSums<S, V>.Sum(dY, k.n), stream);
        }
        else
        {
            Gradient(y, dY, dX, k.n, Dot(y, dY, k.n), stream);
        }
    }

    private static float Dot(float* a, float* b, long n)
    {
        V s = S.Zero, t = S.Zero;
        long i = 0;
        for (; i + (2 * S.Width) <= n; i += 2 * S.Width)
        {
            s = S.Fma(S.Load(a + i), S.Load(b + i), s);
            t = S.Fma(S.Load(a + i + S.Width), S.Load(b + i + S.Width), t);
        }

        for (; i < n; i += S.Width)
        {
            int rest = (int)Math.Min(S.Width, n - i);
            s = S.Fma(S.Load(a + i, rest), S.Load(b + i, rest), s);
        }

        return S.Sum(S.Add(s, t));
    }

    // dX = y·(dY − s).
    private static void Gradient(float* y, float* dY, float* dX, long n, float s, bool stream)
    {
        V sum = S.Create(s);
        long i = 0;
        for (; i + S.Width <= n; i += S.Width)
        {
            Stored<S, V>.Store(dX + i, S.Mul(S.Load(y + i), S.Sub(S.Load(dY + i), sum)), stream);
            S.Prefetch((byte*)(y + i) + Streams.Ahead);
            S.Prefetch((byte*)(dY + i) + Streams.Ahead);
        }

        if (i < n)
        {
            int rest = (int)(n - i);
            S.Store(dX + i, S.Mul(S.Load(y + i, rest), S.Sub(S.Load(dY + i, rest), sum)), rest);
        }
    }

    // dX = dY − s·e^y.
    private static void LogGradient(float* y, float* dY, float* dX, long n, float s, bool stream)
    {
        V sum = S.Create(-s);
        long i = 0;
        for (; i + S.Width <= n; i += S.Width)
        {
            Stored<S, V>.Store(dX + i, S.Fma(sum, SimdMath<S, V>.ExpBelow88(S.Load(y + i)), S.Load(dY + i)), stream);
        }

        if (i < n)
        {
            int rest = (int)(n - i);
            S.Store(dX + i, S.Fma(sum, SimdMath<S, V>.ExpBelow88(S.Load(y + i, rest)), S.Load(dY + i, rest)), rest);
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
            CpuRows.Run(kernel, blocks, k.n, false, workers, &LogSumExpRow);
        }

        return true;
    }

    private static void LogSumExpRow(void* kernel, long row, bool stream, float* room)
    {
        ref readonly LogSumExpForward k = ref *(LogSumExpForward*)kernel;
        k.y.Pointer[row] = SimdExp<S, V>.Sum(k.x.Pointer + (row * k.n), k.n).LogSumExp;
    }

    private static bool LogSumExpGradient(in LogSumExpBackward k, long blocks, CpuWorkers workers)
    {
        if (k.inner != 1)
        {
            return false;
        }

        fixed (LogSumExpBackward* kernel = &k)
        {
            CpuRows.Run(kernel, blocks, k.n, Streams.Pays(k.dX.Pointer, blocks, k.n * sizeof(float)), workers, &LogSumExpGradientRow);
        }

        return true;
    }

    private static void LogSumExpGradientRow(void* kernel, long row, bool stream, float* room)
    {
        ref readonly LogSumExpBackward k = ref *(LogSumExpBackward*)kernel;
        long at = row * k.n;
        float l = k.y.Pointer[row];
        SimdExp<S, V>.Scaled(k.x.Pointer + at, k.dX.Pointer + at, k.n, float.IsNegativeInfinity(l) ? 0f : l, k.dY.Pointer[row], 0f, stream);
    }
}
