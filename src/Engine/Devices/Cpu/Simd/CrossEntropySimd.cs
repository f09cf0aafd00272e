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
        overrides.Add<CrossEntropyForward>(&Forward);
        overrides.Add<CrossEntropyBackward>(&Backward);
        overrides.Add<CrossEntropyGradient>(&Gradient);
    }

    private static bool Forward(in CrossEntropyForward k, long blocks, CpuWorkers workers)
    {
        if (k.weights.Exists && k.smoothing > 0f)
        {
            return false;
        }

        fixed (CrossEntropyForward* kernel = &k)
        {
            CpuRows.Run(kernel, blocks, k.V, workers, &ForwardRow);
        }

        return true;
    }

    private static void ForwardRow(void* kernel, long row)
    {
        ref readonly CrossEntropyForward k = ref *(CrossEntropyForward*)kernel;
        int t = k.targets.Pointer[row];
        float* x = k.x.Pointer + (row * k.V);
        ExpSum s = SimdExp<S, V>.Sum(x, null, t == k.ignore ? 0 : k.V);
        if (k.lse.Exists)
        {
            k.lse.Pointer[row] = s.LogSumExp;
        }

        if (t == k.ignore)
        {
            k.loss.Pointer[row] = 0f;
            return;
        }

        float logSum = MathF.Log(s.Sum);
        float own = Inside(t, k.V) ? Weight(k.weights.Pointer, t) * (logSum - (x[t] - s.Max)) : float.NaN;
        float spread = k.smoothing > 0f ? (k.V * logSum) - SimdSums<S, V>.Centred(x, k.V, s.Max).Sum : 0f;
        k.loss.Pointer[row] = ((1f - k.smoothing) * own) + (k.smoothing / k.V * spread);
    }

    private static bool Backward(in CrossEntropyBackward k, long blocks, CpuWorkers workers)
    {
        if (k.weights.Exists && k.smoothing > 0f)
        {
            return false;
        }

        fixed (CrossEntropyBackward* kernel = &k)
        {
            CpuRows.Run(kernel, blocks, k.V, workers, &BackwardRow);
        }

        return true;
    }

    private static void BackwardRow(void* kernel, long row)
    {
        ref readonly CrossEntropyBackward k = ref *(CrossEntropyBackward*)kernel;
        int t = k.targets.Pointer[row];
        float* dX = k.dX.Pointer + (row * k.V);
        if (t == k.ignore)
        {
            new Span<float>(dX, (int)k.V).Clear();
            return;
        }

        float g = k.dY.Pointer[k.perRow ? row : 0] * (k.scale.Exists ? k.scale.Pointer[0] : 1f);
        float own = Inside(t, k.V) ? g * (1f - k.smoothing) * Weight(k.weights.Pointer, t) : float.NaN;
        float each = g * k.smoothing / k.V;
        SimdExp<S, V>.Scaled(k.x.Pointer + (row * k.V), dX, k.V, k.lse.Pointer[row], own + (each * k.V), -each);
        if (Inside(t, k.V))
        {
            dX[t] -= own;
        }
    }

    private static bool Gradient(in CrossEntropyGradient k, long blocks, CpuWorkers workers)
    {
        fixed (CrossEntropyGradient* kernel = &k)
        {
            CpuRows.Run(kernel, blocks, k.V, workers, &GradientRow);
        }

        return true;
    }

    private static void GradientRow(void* kernel, long row)
    {
        ref readonly CrossEntropyGradient k = ref *(CrossEntropyGradient*)kernel;
        int t = k.targets.Pointer[row];
        float* x = k.x.Pointer + (row * k.V);
        if (t == k.ignore || !Inside(t, k.V))
        {
            float value = t == k.ignore ? 0f : float.NaN;
            new Span<float>(x, (int)k.V).Fill(value);
            k.loss.Pointer[row] = value;
            return;
        }

        float xt = x[t];
        ExpSum s = SimdExp<S, V>.Sum(x, x, k.V);
        SimdExp<S, V>.Affine(x, x, k.V, 1f / s.Sum, 0f);
        x[t] -= 1f;
        k.loss.Pointer[row] = MathF.Log(s.Sum) - (xt - s.Max);
    }

    private static bool Inside(int t, long V) => t >= 0 && t < V;

    private static float Weight(float* weights, int t) => weights == null ? 1f : weights[t];
}
