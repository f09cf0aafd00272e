using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>
/// Cross-entropy, forward, backward and both at once, vectorised along the row. Class weights together with label smoothing
/// run the kernels' bodies.
/// </summary>
internal static unsafe class CrossEntropySimd<S, V>
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
        overrides.Add<CrossEntropyForward<T, E>>(&Forward);
        overrides.Add<CrossEntropyBackward<T, E>>(&Backward);
        overrides.Add<CrossEntropyGradient<T, E>>(&Gradient);
    }

    private static bool Forward<T, E>(in CrossEntropyForward<T, E> k, long blocks, CpuWorkers workers)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        if (k.weights.Exists && k.smoothing > 0f)
        {
            return false;
        }

        fixed (CrossEntropyForward<T, E>* kernel = &k)
        {
            CpuRows.Run(kernel, blocks, k.V, false, workers, &ForwardRow<T, E>);
        }

        return true;
    }

    private static void ForwardRow<T, E>(void* kernel, long row, bool stream, float* room)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        ref readonly CrossEntropyForward<T, E> k = ref *(CrossEntropyForward<T, E>*)kernel;
        int t = k.targets.Pointer[row];
        T* x = k.x.Pointer + (row * k.V);
        ExpSum s = SimdExp<S, V>.Sum(x, t == k.ignore ? 0 : k.V);
        float logSum = MathF.Log(s.Divisor);
        if (k.lse.Exists)
        {
            k.lse.Pointer[row] = s.Max + logSum;
        }

        if (t == k.ignore)
        {
            k.loss.Pointer[row] = 0f;
            return;
        }

        float own = Inside(t, k.V) ? Weight(k.weights.Pointer, t) * (logSum - (E.Load(x[t]) - s.Max)) : float.NaN;
        float spread = k.smoothing > 0f ? (k.V * logSum) - SimdSums<S, V>.Centred(x, k.V, s.Max).Sum : 0f;
        k.loss.Pointer[row] = ((1f - k.smoothing) * own) + (k.smoothing / k.V * spread);
    }

    private static bool Backward<T, E>(in CrossEntropyBackward<T, E> k, long blocks, CpuWorkers workers)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        if (k.weights.Exists && k.smoothing > 0f)
        {
            return false;
        }

        fixed (CrossEntropyBackward<T, E>* kernel = &k)
        {
            CpuRows.Run(kernel, blocks, k.V, Streams.Pays(k.dX.Pointer, blocks * k.V * sizeof(T)), workers, &BackwardRow<T, E>);
        }

        return true;
    }

    private static void BackwardRow<T, E>(void* kernel, long row, bool stream, float* room)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        ref readonly CrossEntropyBackward<T, E> k = ref *(CrossEntropyBackward<T, E>*)kernel;
        int t = k.targets.Pointer[row];
        T* dX = k.dX.Pointer + (row * k.V);
        if (t == k.ignore)
        {
            new Span<T>(dX, (int)k.V).Clear();
            return;
        }

        float g = k.dY.Pointer[k.perRow ? row : 0] * (k.scale.Exists ? k.scale.Pointer[0] : 1f);
        float own = Inside(t, k.V) ? g * (1f - k.smoothing) * Weight(k.weights.Pointer, t) : float.NaN;
        float each = g * k.smoothing / k.V;
        SimdExp<S, V>.Scaled(k.x.Pointer + (row * k.V), dX, k.V, k.lse.Pointer[row], own + (each * k.V), -each, stream);
        if (Inside(t, k.V))
        {
            // The target's own element anew where it has been rounded: p − 1 would lose the digits that count.
            dX[t] = typeof(T) == typeof(float)
                ? E.Store(E.Load(dX[t]) - own)
                : E.Store(((own + (each * k.V)) * MathF.Exp(E.Load(k.x.Pointer[(row * k.V) + t]) - k.lse.Pointer[row])) - each - own);
        }
    }

    private static bool Gradient<T, E>(in CrossEntropyGradient<T, E> k, long blocks, CpuWorkers workers)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        fixed (CrossEntropyGradient<T, E>* kernel = &k)
        {
            bool stream = (void*)k.dX.Pointer != k.x.Pointer && Streams.Pays(k.dX.Pointer, blocks * k.V * sizeof(T));
            CpuRows.Run(kernel, blocks, k.V, stream, workers, &GradientRow<T, E>, needsRoom: stream || typeof(T) != typeof(float));
        }

        return true;
    }

    private static void GradientRow<T, E>(void* kernel, long row, bool stream, float* room)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        ref readonly CrossEntropyGradient<T, E> k = ref *(CrossEntropyGradient<T, E>*)kernel;
        int t = k.targets.Pointer[row];
        float* x = k.x.Pointer + (row * k.V);
        T* dX = k.dX.Pointer + (row * k.V);
        if (t == k.ignore || !Inside(t, k.V))
        {
            float value = t == k.ignore ? 0f : float.NaN;
            new Span<T>(dX, (int)k.V).Fill(E.Store(value));
            k.loss.Pointer[row] = value;
            return;
        }

        float xt = x[t];
        ExpSum s = SimdExp<S, V>.Softmax(x, stream || typeof(T) != typeof(float) ? room : (float*)dX, dX, k.V, stream);
        dX[t] = E.Store((MathF.Exp(xt - s.Max) / s.Divisor) - 1f);
        k.loss.Pointer[row] = MathF.Log(s.Divisor) - (xt - s.Max);
    }

    private static bool Inside(int t, long V) => t >= 0 && t < V;

    private static float Weight(float* weights, int t) => weights == null ? 1f : weights[t];
}
