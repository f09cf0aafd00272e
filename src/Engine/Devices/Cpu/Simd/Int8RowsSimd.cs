using Engine.Kernels;

namespace Engine;

/// <summary>Rows of an int8 matrix in float32.</summary>
internal static unsafe class Int8RowsSimd<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    public static void Register(CpuOverrides overrides) => overrides.Add<Int8Rows>(&Run);

    private static bool Run(in Int8Rows k, long blocks, CpuWorkers workers)
    {
        fixed (Int8Rows* kernel = &k)
        {
            CpuRows.Run(kernel, blocks, k.C, stream: false, workers, &Row);
        }

        return true;
    }

    private static void Row(void* kernel, long r, bool stream, float* room)
    {
        ref readonly Int8Rows k = ref *(Int8Rows*)kernel;
        long v = k.indices.Exists ? k.indices.Pointer[r] : r;
        float* y = k.y.Pointer + (r * k.C);
        if (v < 0 || v >= k.V)
        {
            new Span<float>(y, (int)k.C).Fill(float.NaN);
            return;
        }

        sbyte* q = k.q.Pointer + (v * k.C);
        float scale = k.scale.Pointer[v];
        long c = 0;
        for (; c + S.Width <= k.C; c += S.Width)
        {
            S.Store(y + c, S.Mul(S.Create(scale), Stored<S, V>.Load(q + c)));
        }

        for (; c < k.C; c++)
        {
            y[c] = scale * q[c];
        }
    }
}
