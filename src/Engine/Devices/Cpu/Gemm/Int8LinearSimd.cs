using Engine.Kernels;

namespace Engine;

/// <summary>
/// Few rows times int8 weights: the dot products of <see cref="RowDots{S, V}"/>, which widens what it loads, in strips of channels that are
/// one piece of memory each; then scale, bias and function while the strip's results are in the first-level cache.
/// </summary>
internal static unsafe class Int8LinearSimd<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    private const long StripFloats = 8192;
    private const long NarrowestStrip = 128;

    public static void Register(CpuOverrides overrides)
    {
        overrides.Add<Int8Linear<Identity>>(&Plain);
        overrides.Add<Int8Linear<Gelu>>(&WithGelu);
        overrides.Add<Int8Linear<GeluTanh>>(&WithGeluTanh);
    }

    private static bool Plain(in Int8Linear<Identity> k, CpuWorkers workers) => Run(k, Activation.None, workers);

    private static bool WithGelu(in Int8Linear<Gelu> k, CpuWorkers workers) => Run(k, Activation.Gelu, workers);

    private static bool WithGeluTanh(in Int8Linear<GeluTanh> k, CpuWorkers workers) => Run(k, Activation.GeluTanh, workers);

    private static bool Run<F>(in Int8Linear<F> k, Activation activation, CpuWorkers workers)
        where F : unmanaged, IFunction
    {
        long strips = Math.Max(workers.Count, k.M * k.N / StripFloats);
        long width = Math.Max(NarrowestStrip, (k.N + (strips * S.Width) - 1) / (strips * S.Width) * S.Width);
        State state = new(k.x.Pointer, k.q.Pointer, k.scale.Pointer, k.bias.Pointer, k.y.Pointer, k.M, k.N, k.K, width, activation);
        workers.Run((k.N + width - 1) / width, &Strip, &state);
        return true;
    }

    private static void Strip(void* state, long index, int worker)
    {
        ref readonly State s = ref *(State*)state;
        long left = index * s.Width;
        int columns = (int)Math.Min(s.Width, s.N - left);
        float* y = s.Y + left;
        RowDots<S, V>.Run(s.X, s.K, s.Q + (left * s.K), s.K, s.M, columns, s.K, y, s.N, null, 0);
        for (long m = 0; m < s.M; m++)
        {
            Scale(y + (m * s.N), s.Scales + left, s.Bias == null ? null : s.Bias + left, columns);
        }

        if (s.Activation != Activation.None)
        {
            GemmEpilogue<S, V>.Run(s.Activation, y, s.N, y, null, s.N, s.M, columns);
        }
    }

    // y = y·scale + bias.
    private static void Scale(float* y, float* scale, float* bias, int n)
    {
        int j = 0;
        for (; j + S.Width <= n; j += S.Width)
        {
            S.Store(y + j, S.Fma(S.Load(y + j), S.Load(scale + j), bias == null ? S.Zero : S.Load(bias + j)));
        }

        for (; j < n; j++)
        {
            y[j] = (y[j] * scale[j]) + (bias == null ? 0f : bias[j]);
        }
    }

    /// <summary>The launch as its tasks see it; lives on the stack of the launching thread.</summary>
    private readonly struct State(
        float* x, sbyte* q, float* scales, float* bias, float* y, long m, long n, long k, long width, Activation activation)
    {
        public readonly float* X = x;
        public readonly sbyte* Q = q;
        public readonly float* Scales = scales;
        public readonly float* Bias = bias;
        public readonly float* Y = y;
        public readonly long M = m;
        public readonly long N = n;
        public readonly long K = k;
        public readonly long Width = width;
        public readonly Activation Activation = activation;
    }
}
