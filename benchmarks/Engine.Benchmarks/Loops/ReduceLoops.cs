using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>Reductions in plain loops over the last axis.</summary>
internal static partial class Loops
{
    public static void Run(SumAxis<float, Float32Element> k)
    {
        for (long row = 0; row < k.y.Length; row++)
        {
            float sum = 0f;
            for (long i = 0; i < k.n; i++)
            {
                sum += k.x[(row * k.n) + i];
            }

            k.y[row] = k.scale * sum;
        }
    }

    public static void Run(SumChunks k)
    {
        for (long i = 0; i < k.n; i++)
        {
            float sum = 0f;
            for (long chunk = 0; chunk < k.chunks; chunk++)
            {
                sum += k.partial[(chunk * k.n) + i];
            }

            k.y[i] = sum;
        }
    }

    public static void Run(CumSum k)
    {
        for (long start = 0; start < k.x.Length; start += k.n)
        {
            float sum = 0f;
            for (long i = 0; i < k.n; i++)
            {
                long at = start + (k.direction > 0 ? i : k.n - 1 - i);
                sum += k.x[at];
                k.y[at] = sum;
            }
        }
    }

    public static void Run(L2NormalizeForward k)
    {
        for (long row = 0; row < k.norm.Length; row++)
        {
            float squares = 0f;
            for (long i = 0; i < k.n; i++)
            {
                squares += k.x[(row * k.n) + i] * k.x[(row * k.n) + i];
            }

            k.norm[row] = MathF.Sqrt(squares);
            for (long i = 0; i < k.n; i++)
            {
                k.y[(row * k.n) + i] = k.x[(row * k.n) + i] / MathF.Max(k.norm[row], k.eps);
            }
        }
    }

    public static void Run(L2NormalizeBackward k)
    {
        for (long row = 0; row < k.norm.Length; row++)
        {
            float along = 0f;
            for (long i = 0; i < k.n; i++)
            {
                along += k.y[(row * k.n) + i] * k.dY[(row * k.n) + i];
            }

            for (long i = row * k.n; i < (row + 1) * k.n; i++)
            {
                k.dX[i] = (k.dY[i] - (k.y[i] * along)) / k.norm[row];
            }
        }
    }

    public static void Run(LogSumExpForward k)
    {
        for (long row = 0; row < k.y.Length; row++)
        {
            k.y[row] = LogSumExp(k.x.Row(row, k.n));
        }
    }

    public static void Run(LogSumExpBackward k)
    {
        for (long row = 0; row < k.y.Length; row++)
        {
            for (long i = row * k.n; i < (row + 1) * k.n; i++)
            {
                k.dX[i] = k.dY[row] * MathF.Exp(k.x[i] - k.y[row]);
            }
        }
    }

    public static void Run(MaxAxis k)
    {
        for (long row = 0; row < k.y.Length; row++)
        {
            int best = 0;
            for (int i = 1; i < k.n; i++)
            {
                best = k.x[(row * k.n) + i] > k.x[(row * k.n) + best] ? i : best;
            }

            k.index[row] = best;
            k.y[row] = k.x[(row * k.n) + best];
        }
    }

    public static void Run(MaxAxisBackward k)
    {
        for (long row = 0; row < k.dY.Length; row++)
        {
            for (long i = 0; i < k.n; i++)
            {
                k.dX[(row * k.n) + i] = i == k.index[row] ? k.dY[row] : 0f;
            }
        }
    }

    public static void Run(VarAxis k)
    {
        for (long row = 0; row < k.y.Length; row++)
        {
            float sum = 0f;
            for (long i = 0; i < k.n; i++)
            {
                sum += k.x[(row * k.n) + i];
            }

            float mean = sum / k.n;
            float squares = 0f;
            for (long i = 0; i < k.n; i++)
            {
                float d = k.x[(row * k.n) + i] - mean;
                squares += d * d;
            }

            k.mean[row] = mean;
            k.y[row] = k.scale * squares;
        }
    }

    public static void Run(VarAxisBackward k)
    {
        for (long row = 0; row < k.mean.Length; row++)
        {
            for (long i = row * k.n; i < (row + 1) * k.n; i++)
            {
                k.dX[i] = 2f * k.scale * k.dY[row] * (k.x[i] - k.mean[row]);
            }
        }
    }

    private static float LogSumExp(KernelLanguage.View<float> x)
    {
        float max = float.NegativeInfinity;
        for (long i = 0; i < x.Length; i++)
        {
            max = MathF.Max(max, x[i]);
        }

        float sum = 0f;
        for (long i = 0; i < x.Length; i++)
        {
            sum += MathF.Exp(x[i] - max);
        }

        return max + MathF.Log(sum);
    }
}
