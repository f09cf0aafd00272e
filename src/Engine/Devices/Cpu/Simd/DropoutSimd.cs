using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>Dropout: random words for a stretch of elements at a time, then the elements. Bit for bit what the kernel's body gives.</summary>
internal static unsafe class DropoutSimd<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    // 2 KB of words stay in the first-level cache.
    private const int Stretch = 512;

    public static void Register(CpuOverrides overrides)
    {
        Register<float, Float32Element>(overrides);
        Register<BFloat16, BFloat16Element>(overrides);
        Register<Half, Float16Element>(overrides);
    }

    private static void Register<T, E>(CpuOverrides overrides)
        where T : unmanaged
        where E : unmanaged, IElement<T> => overrides.Add<Dropout<T, E>>(&Run);

    private static bool Run<T, E>(in Dropout<T, E> k, CpuWorkers workers)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        long perTask = Elementwise<S, V>.PerTask(k.n);
        fixed (Dropout<T, E>* kernel = &k)
        {
            workers.Run((k.n + perTask - 1) / perTask, &Task<T, E>, kernel);
        }

        return true;
    }

    private static void Task<T, E>(void* state, long index, int worker)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        ref readonly Dropout<T, E> k = ref *(Dropout<T, E>*)state;
        uint* words = stackalloc uint[Stretch + (4 * 16)];
        long perTask = Elementwise<S, V>.PerTask(k.n);
        bool stream = k.x.Pointer != k.y.Pointer && Streams.Pays(k.y.Pointer, k.n * sizeof(T));
        long end = Math.Min(k.n, (index + 1) * perTask);
        for (long start = index * perTask; start < end; start += Stretch)
        {
            // The first counter may begin before the stretch's first element, by this much.
            ulong position = k.position + (ulong)start;
            int before = (int)(position & 3);
            int count = (int)Math.Min(Stretch, end - start);
            PhiloxSimd<S, V>.Fill(k.seed, k.stream, position >> 2, words, before + count);
            Apply(k.x.Pointer + start, (float*)words + before, k.y.Pointer + start, count, k.p, k.scale, stream);
        }

        if (stream)
        {
            Streams.Fence();
        }
    }

    private static void Apply<T>(T* x, float* words, T* y, int n, float p, float scale, bool stream)
        where T : unmanaged
    {
        V probability = S.Create(p);
        V factor = S.Create(scale);
        int i = 0;
        for (; i + S.Width <= n; i += S.Width)
        {
            Stored<S, V>.Store(y + i, Kept(Stored<S, V>.Load(x + i), S.Load(words + i), probability, factor), stream);
        }

        if (i < n)
        {
            int rest = n - i;
            Stored<S, V>.Store(y + i, Kept(Stored<S, V>.Load(x + i, rest), S.Load(words + i, rest), probability, factor), rest);
        }
    }

    // The upper 24 bits of a word are a number in [0, 1), as in Philox.ToUniform.
    private static V Kept(V x, V word, V p, V scale)
    {
        V uniform = S.Mul(S.FromBits(S.ShiftRightBits(word, 8)), S.Create(1f / 16777216f));
        return S.IfGreater(p, uniform, S.Zero, S.Mul(x, scale));
    }
}
