using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>Copies, conversions, random numbers and table lookups in plain loops.</summary>
internal static partial class Loops
{
    public static void Run(Cast<float, Float32Element, BFloat16, BFloat16Element> k)
    {
        for (long i = 0; i < k.n; i++)
        {
            k.y[i] = (BFloat16)k.x[i];
        }
    }

    public static void Run(Cast<BFloat16, BFloat16Element, float, Float32Element> k)
    {
        for (long i = 0; i < k.n; i++)
        {
            k.y[i] = (float)k.x[i];
        }
    }

    public static void Run(CopyStrided<int> k)
    {
        for (long i = 0; i < k.n; i++)
        {
            k.y[i] = k.x[i];
        }
    }

    public static void Run(CopyStrided<float> k)
    {
        for (long i = 0; i < k.n; i++)
        {
            k.y[i] = k.x[i];
        }
    }

    /// <summary>y (columns, rows) = xᵀ.</summary>
    public static void Transpose<T>(View<T> x, View<T> y, long rows, long columns)
        where T : unmanaged
    {
        for (long j = 0; j < columns; j++)
        {
            for (long i = 0; i < rows; i++)
            {
                y[(j * rows) + i] = x[(i * columns) + j];
            }
        }
    }

    public static void Run(Fill<float> k)
    {
        for (long i = 0; i < k.n; i++)
        {
            k.y[i] = k.value;
        }
    }

    public static void Run(Dropout<float, Float32Element> k)
    {
        for (long i = 0; i < k.n; i++)
        {
            k.y[i] = Philox.Uniform(k.seed, k.stream, k.position + (ulong)i) >= k.p ? k.x[i] * k.scale : 0f;
        }
    }

    public static void Run(Int8Rows k)
    {
        for (long n = 0; n < k.indices.Length; n++)
        {
            long v = k.indices[n];
            for (long c = 0; c < k.C; c++)
            {
                k.y[(n * k.C) + c] = k.q[(v * k.C) + c] * k.scale[v];
            }
        }
    }

    public static void Run(EmbeddingForward<float, Float32Element> k)
    {
        for (long n = 0; n < k.indices.Length; n++)
        {
            for (long c = 0; c < k.C; c++)
            {
                k.y[(n * k.C) + c] = k.table[(k.indices[n] * k.C) + c];
            }
        }
    }

    public static void Run(EmbeddingBackward<float, Float32Element> k)
    {
        for (long n = 0; n < k.N; n++)
        {
            for (long c = 0; c < k.C; c++)
            {
                k.dTable[(k.indices[n] * k.C) + c] += k.dY[(n * k.C) + c];
            }
        }
    }

    public static void Run(IndexCheck k)
    {
        k.outside[0] = 0;
        for (long i = 0; i < k.n; i++)
        {
            if ((k.indices[i] < 0 || k.indices[i] >= k.bound) && k.indices[i] != k.ignore)
            {
                k.outside[0] = 1;
            }
        }
    }

    public static void Run(GatherForward k)
    {
        for (long e = 0; e < k.count; e++)
        {
            k.y[e] = k.x[(((e / (k.m * k.inner) * k.n) + k.indices[e]) * k.inner) + (e % k.inner)];
        }
    }

    public static void Run(GatherBackward k)
    {
        for (long e = 0; e < k.dX.Length; e++)
        {
            k.dX[e] = 0f;
        }

        for (long e = 0; e < k.dY.Length; e++)
        {
            k.dX[(((e / (k.m * k.inner) * k.n) + k.indices[e]) * k.inner) + (e % k.inner)] += k.dY[e];
        }
    }

    public static void Run(IndexSelectForward k)
    {
        for (long row = 0; row < k.y.Length / k.inner; row++)
        {
            long from = (row / k.m * k.n) + k.indices[row % k.m];
            for (long i = 0; i < k.inner; i++)
            {
                k.y[(row * k.inner) + i] = k.x[(from * k.inner) + i];
            }
        }
    }

    public static void Run(IndexSelectBackward k)
    {
        for (long row = 0; row < k.outer * k.m; row++)
        {
            long to = (row / k.m * k.n) + k.indices[row % k.m];
            for (long i = 0; i < k.inner; i++)
            {
                k.dX[(to * k.inner) + i] += k.dY[(row * k.inner) + i];
            }
        }
    }
}
