using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>Losses in plain loops over rows.</summary>
internal static partial class Loops
{
    public static void Run(CrossEntropyForward<float, Float32Element> k)
    {
        for (long row = 0; row < k.targets.Length; row++)
        {
            k.lse[row] = LogSumExp(k.x.Row(row, k.V));
            k.loss[row] = k.lse[row] - k.x[(row * k.V) + k.targets[row]];
        }
    }

    public static void Run(CrossEntropyBackward<float, Float32Element> k)
    {
        for (long row = 0; row < k.targets.Length; row++)
        {
            float g = k.dY[0] * k.scale[0];
            for (long c = 0; c < k.V; c++)
            {
                float p = MathF.Exp(k.x[(row * k.V) + c] - k.lse[row]);
                k.dX[(row * k.V) + c] = g * (c == k.targets[row] ? p - 1f : p);
            }
        }
    }

    public static void Run(CrossEntropyTotal k)
    {
        float sum = 0f;
        for (long n = 0; n < k.N; n++)
        {
            sum += k.loss[n];
        }

        k.total[0] = sum / k.N;
        k.scale[0] = 1f / k.N;
    }

    public static void Run(CrossEntropyGradient<float, Float32Element> k)
    {
        for (long row = 0; row < k.targets.Length; row++)
        {
            float lse = LogSumExp(k.x.Row(row, k.V));
            k.loss[row] = lse - k.x[(row * k.V) + k.targets[row]];
            for (long c = 0; c < k.V; c++)
            {
                float p = MathF.Exp(k.x[(row * k.V) + c] - lse);
                k.dX[(row * k.V) + c] = c == k.targets[row] ? p - 1f : p;
            }
        }
    }

    public static void Run(ScaledGradient<float, Float32Element> k)
    {
        for (long i = 0; i < k.n; i++)
        {
            k.y[i] = k.dLoss[0] * k.scale[0] * k.x[i];
        }
    }

    public static void Run(SoftCrossEntropyForward k)
    {
        for (long row = 0; row < k.loss.Length; row++)
        {
            k.lse[row] = LogSumExp(k.x.Row(row, k.V));
            float sum = 0f;
            for (long c = row * k.V; c < (row + 1) * k.V; c++)
            {
                sum += k.q[c] * (k.lse[row] - k.x[c]);
            }

            k.loss[row] = sum;
        }
    }

    public static void Run(SoftCrossEntropyBackward k)
    {
        for (long row = 0; row < k.lse.Length; row++)
        {
            float sumQ = 0f;
            for (long c = row * k.V; c < (row + 1) * k.V; c++)
            {
                sumQ += k.q[c];
            }

            float g = k.scale * k.dY[k.perRow ? row : 0];
            for (long c = row * k.V; c < (row + 1) * k.V; c++)
            {
                k.dX[c] = g * ((MathF.Exp(k.x[c] - k.lse[row]) * sumQ) - k.q[c]);
                k.dQ[c] = g * (k.lse[row] - k.x[c]);
            }
        }
    }

    /// <summary>Summed over each block of elements, as the kernel leaves it.</summary>
    public static void Run(PairLoss<MseLoss> k)
    {
        for (long start = 0; start < k.n; start += Block.Span)
        {
            float sum = 0f;
            for (long i = start; i < Math.Min(k.n, start + Block.Span); i++)
            {
                sum += (k.u[i] - k.v[i]) * (k.u[i] - k.v[i]);
            }

            k.partial[start / Block.Span] = sum;
        }
    }

    public static void Run(PairLossBackward<MseLoss> k)
    {
        for (long i = 0; i < k.n; i++)
        {
            float d = 2f * k.scale * k.dY[0] * (k.u[i] - k.v[i]);
            k.dU[i] = d;
            k.dV[i] = -d;
        }
    }

    public static void Run(CosineSimilarityForward k)
    {
        for (long row = 0; row < k.y.Length; row++)
        {
            View<float> u = k.u.Row(row, k.C);
            View<float> v = k.v.Row(row, k.C);
            k.normU[row] = MathF.Sqrt(Dot(u, u, (int)k.C));
            k.normV[row] = MathF.Sqrt(Dot(v, v, (int)k.C));
            k.y[row] = Dot(u, v, (int)k.C) / (k.normU[row] * k.normV[row]);
        }
    }

    public static void Run(CosineSimilarityBackward k)
    {
        for (long row = 0; row < k.y.Length; row++)
        {
            for (long c = row * k.C; c < (row + 1) * k.C; c++)
            {
                float along = k.y[row] * k.u[c] / k.normU[row];
                k.dU[c] = k.dY[row] / k.normU[row] * ((k.v[c] / k.normV[row]) - along);
            }
        }
    }
}
