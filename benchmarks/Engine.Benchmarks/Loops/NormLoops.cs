using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>Normalisations in plain loops; mean and variance in two passes, each as the formula has it.</summary>
internal static partial class Loops
{
    public static void Run(RowNormForward<float, Float32Element> k)
    {
        for (long row = 0; row < k.mean.Length; row++)
        {
            (float mean, float rstd) = Moments(k.x, row * k.C, k.C, 0, 1, k.eps, k.centred);
            for (long c = 0; c < k.C; c++)
            {
                float xhat = (k.x[(row * k.C) + c] - mean) * rstd;
                k.y[(row * k.C) + c] = (k.gamma[c] * xhat) + (k.beta.Exists ? k.beta[c] : 0f);
            }

            k.mean[row] = mean;
            k.rstd[row] = rstd;
        }
    }

    /// <summary>The parameters' gradients in chunks of rows, as the kernel leaves them.</summary>
    public static void Run(RowNormBackward<float, Float32Element> k)
    {
        for (long i = 0; i < k.dGamma.Length; i++)
        {
            k.dGamma[i] = 0f;
            k.dBeta[i] = 0f;
        }

        for (long row = 0; row < k.N; row++)
        {
            View<float> x = k.x.Row(row, k.C);
            View<float> dY = k.dY.Row(row, k.C);
            long chunk = row / RowNormChunks.Rows * k.C;
            float sumG = 0f;
            float sumGX = 0f;
            for (long c = 0; c < k.C; c++)
            {
                float xhat = (x[c] - k.mean[row]) * k.rstd[row];
                sumG += k.gamma[c] * dY[c];
                sumGX += k.gamma[c] * dY[c] * xhat;
                k.dGamma[chunk + c] += dY[c] * xhat;
                k.dBeta[chunk + c] += dY[c];
            }

            for (long c = 0; c < k.C; c++)
            {
                float xhat = (x[c] - k.mean[row]) * k.rstd[row];
                float meanG = k.centred ? sumG / k.C : 0f;
                k.dX[(row * k.C) + c] = k.rstd[row] * ((k.gamma[c] * dY[c]) - meanG - (xhat * sumGX / k.C));
            }
        }
    }

    public static void Run(GroupNormForward k)
    {
        long n = k.D * k.S;
        for (long group = 0; group < k.mean.Length; group++)
        {
            (float mean, float rstd) = Moments(k.x, group * n, n, 0, 1, k.eps, true);
            for (long i = 0; i < n; i++)
            {
                long c = (group % k.G * k.D) + (i / k.S);
                k.y[(group * n) + i] = (k.gamma[c] * (k.x[(group * n) + i] - mean) * rstd) + k.beta[c];
            }

            k.mean[group] = mean;
            k.rstd[group] = rstd;
        }
    }

    public static void Run(GroupNormBackward k)
    {
        long n = k.D * k.S;
        for (long group = 0; group < k.mean.Length; group++)
        {
            float sumG = 0f;
            float sumGX = 0f;
            for (long i = 0; i < n; i++)
            {
                float g = k.gamma[(group % k.G * k.D) + (i / k.S)] * k.dY[(group * n) + i];
                sumG += g;
                sumGX += g * (k.x[(group * n) + i] - k.mean[group]) * k.rstd[group];
            }

            for (long i = 0; i < n; i++)
            {
                float g = k.gamma[(group % k.G * k.D) + (i / k.S)] * k.dY[(group * n) + i];
                float xhat = (k.x[(group * n) + i] - k.mean[group]) * k.rstd[group];
                k.dX[(group * n) + i] = k.rstd[group] * (g - (sumG / n) - (xhat * sumGX / n));
            }
        }
    }

    public static void Run(GroupNormParameters k)
    {
        for (long c = 0; c < k.C; c++)
        {
            k.dGamma[c] = 0f;
            k.dBeta[c] = 0f;
            for (long b = 0; b < k.B; b++)
            {
                long row = (b * k.C) + c;
                for (long s = row * k.S; s < (row + 1) * k.S; s++)
                {
                    k.dGamma[c] += k.dY[s] * (k.x[s] - k.mean[row / k.D]) * k.rstd[row / k.D];
                    k.dBeta[c] += k.dY[s];
                }
            }
        }
    }

    public static void Run(BatchNormForward k)
    {
        for (long c = 0; c < k.C; c++)
        {
            (float mean, float rstd) = Moments(k.x, c * k.S, k.S, k.C * k.S, k.B, k.eps, true);
            for (long b = 0; b < k.B; b++)
            {
                long row = ((b * k.C) + c) * k.S;
                for (long s = row; s < row + k.S; s++)
                {
                    k.y[s] = (k.gamma[c] * (k.x[s] - mean) * rstd) + k.beta[c];
                }
            }

            k.mean[c] = mean;
            k.rstd[c] = rstd;
        }
    }

    public static void Run(BatchNormBackward k)
    {
        for (long c = 0; c < k.C; c++)
        {
            float sum = 0f;
            float sumX = 0f;
            for (long b = 0; b < k.B; b++)
            {
                long row = ((b * k.C) + c) * k.S;
                for (long s = row; s < row + k.S; s++)
                {
                    sum += k.dY[s];
                    sumX += k.dY[s] * (k.x[s] - k.mean[c]) * k.rstd[c];
                }
            }

            k.dGamma[c] = sumX;
            k.dBeta[c] = sum;
            float n = k.B * k.S;
            for (long b = 0; b < k.B; b++)
            {
                long row = ((b * k.C) + c) * k.S;
                for (long s = row; s < row + k.S; s++)
                {
                    float xhat = (k.x[s] - k.mean[c]) * k.rstd[c];
                    k.dX[s] = k.gamma[c] * k.rstd[c] * (k.dY[s] - (sum / n) - (xhat * sumX / n));
                }
            }
        }
    }

    // Of `rows` runs of `n` numbers, `step` apart.
    private static (float Mean, float Rstd) Moments(View<float> x, long first, long n, long step, long rows, float eps, bool centred)
    {
        float sum = 0f;
        for (long row = 0; row < rows; row++)
        {
            for (long i = 0; i < n; i++)
            {
                sum += x[first + (row * step) + i];
            }
        }

        float mean = centred ? sum / (n * rows) : 0f;
        float squares = 0f;
        for (long row = 0; row < rows; row++)
        {
            for (long i = 0; i < n; i++)
            {
                float d = x[first + (row * step) + i] - mean;
                squares += d * d;
            }
        }

        return (mean, 1f / MathF.Sqrt((squares / (n * rows)) + eps));
    }
}
