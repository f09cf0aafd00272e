using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>Matrix products and column sums in plain loops.</summary>
internal static partial class Loops
{
    /// <summary>The three loops in the order i, j, k.</summary>
    public static void Run(Gemm<Identity> k)
    {
        for (long item = 0; item < k.size.Batch; item++)
        {
            View<float> a = k.A.From(k.la.Matrix(item, k.size.Inner));
            View<float> b = k.B.From(k.lb.Matrix(item, k.size.Inner));
            View<float> c = k.C.From(k.lc.Matrix(item, k.size.Inner));
            for (long i = 0; i < k.size.M; i++)
            {
                for (long j = 0; j < k.size.N; j++)
                {
                    float sum = 0f;
                    for (long p = 0; p < k.size.K; p++)
                    {
                        sum += a[(i * k.la.Row) + (p * k.la.Column)] * b[(p * k.lb.Row) + (j * k.lb.Column)];
                    }

                    c[(i * k.lc.Row) + (j * k.lc.Column)] = sum + (k.bias.Exists ? k.bias[j] : 0f);
                }
            }
        }
    }

    public static void Run(TensorGemm<Identity, BFloat16, BFloat16Element, BFloat16, BFloat16Element> k)
    {
        for (long i = 0; i < k.size.M; i++)
        {
            for (long j = 0; j < k.size.N; j++)
            {
                float sum = 0f;
                for (long p = 0; p < k.size.K; p++)
                {
                    sum += (float)k.A[(i * k.size.K) + p] * (float)k.B[(p * k.size.N) + j];
                }

                k.C[(i * k.size.N) + j] = (BFloat16)sum;
            }
        }
    }

    public static void Run(Int8Linear<Identity> k)
    {
        for (long m = 0; m < k.M; m++)
        {
            for (long n = 0; n < k.N; n++)
            {
                float sum = 0f;
                for (long p = 0; p < k.K; p++)
                {
                    sum += k.x[(m * k.K) + p] * (k.scale[n] * k.q[(n * k.K) + p]);
                }

                k.y[(m * k.N) + n] = sum + (k.bias.Exists ? k.bias[n] : 0f);
            }
        }
    }

    /// <summary>In one chunk.</summary>
    public static void Run(ColumnSum<float, Float32Element> k)
    {
        for (long j = 0; j < k.columns; j++)
        {
            k.y[j] = 0f;
        }

        for (long i = 0; i < k.rows; i++)
        {
            for (long j = 0; j < k.columns; j++)
            {
                k.y[j] += k.x[(i * k.columns) + j];
            }
        }
    }
}
