using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>Attention in plain loops over heads, queries and keys; one row of probabilities at a time.</summary>
internal static partial class Loops
{
    public static void Run(AttentionForward<float, Float32Element> k)
    {
        AttentionShape s = k.shape;
        float[] p = new float[s.Tk];
        for (int row = 0; row < s.B * s.Hq * s.Tq; row++)
        {
            (int b, int h, int i) = (row / s.Tq / s.Hq, row / s.Tq % s.Hq, row % s.Tq);
            View<float> q = k.q.From(k.lq.At(b, h, i));
            View<float> o = k.o.From(k.lo.At(b, h, i));
            float max = float.NegativeInfinity;
            for (int j = s.FirstKey(i); j < s.EndKey(i); j++)
            {
                p[j] = s.Scale * Dot(q, k.k.From(k.lk.At(b, h / s.Group, j)), s.D);
                max = MathF.Max(max, p[j]);
            }

            float sum = 0f;
            for (int j = s.FirstKey(i); j < s.EndKey(i); j++)
            {
                p[j] = MathF.Exp(p[j] - max);
                sum += p[j];
            }

            for (int d = 0; d < s.D; d++)
            {
                o[d] = 0f;
            }

            for (int j = s.FirstKey(i); j < s.EndKey(i); j++)
            {
                View<float> v = k.v.From(k.lv.At(b, h / s.Group, j));
                for (int d = 0; d < s.D; d++)
                {
                    o[d] += p[j] / sum * v[d];
                }
            }

            k.lse[row] = max + MathF.Log(sum);
        }
    }

    public static void Run(AttentionBackward<float, Float32Element> k)
    {
        AttentionShape s = k.shape;
        foreach (View<float> gradient in new[] { k.dQ, k.dK, k.dV })
        {
            gradient.Span().Clear();
        }

        for (int row = 0; row < s.B * s.Hq * s.Tq; row++)
        {
            (int b, int h, int i) = (row / s.Tq / s.Hq, row / s.Tq % s.Hq, row % s.Tq);
            View<float> q = k.q.From(k.lq.At(b, h, i));
            View<float> dO = k.dO.From(k.lo.At(b, h, i));
            View<float> dQ = k.dQ.From(k.ldQ.At(b, h, i));
            float delta = Dot(dO, k.o.From(k.lo.At(b, h, i)), s.D);
            for (int j = s.FirstKey(i); j < s.EndKey(i); j++)
            {
                View<float> key = k.k.From(k.lk.At(b, h / s.Group, j));
                View<float> dK = k.dK.From(k.ldK.At(b, h / s.Group, j));
                View<float> dV = k.dV.From(k.ldV.At(b, h / s.Group, j));
                float p = MathF.Exp((s.Scale * Dot(q, key, s.D)) - k.lse[row]);
                float dS = s.Scale * p * (Dot(dO, k.v.From(k.lv.At(b, h / s.Group, j)), s.D) - delta);
                for (int d = 0; d < s.D; d++)
                {
                    dQ[d] += dS * key[d];
                    dK[d] += dS * q[d];
                    dV[d] += p * dO[d];
                }
            }
        }
    }

    /// <summary>One batch; hidden keys get 0.</summary>
    public static void Run(AttentionBiasBackward<float, Float32Element> k)
    {
        AttentionShape s = k.shape;
        for (int row = 0; row < s.Hq * s.Tq; row++)
        {
            (int h, int i) = (row / s.Tq, row % s.Tq);
            View<float> dO = k.dO.From(k.lo.At(0, h, i));
            float delta = Dot(dO, k.o.From(k.lo.At(0, h, i)), s.D);
            for (int j = 0; j < s.Tk; j++)
            {
                long at = ((long)row * s.Tk) + j;
                float score = (s.Scale * Dot(k.q.From(k.lq.At(0, h, i)), k.k.From(k.lk.At(0, h / s.Group, j)), s.D)) + k.bias[at];
                float bracket = Dot(dO, k.v.From(k.lv.At(0, h / s.Group, j)), s.D) - delta;
                k.dBias[at] = j < s.EndKey(i) ? MathF.Exp(score - k.lse[row]) * bracket : 0f;
            }
        }
    }

    public static void Run(AttentionMask k)
    {
        AttentionShape s = k.shape;
        for (int row = 0; row < s.B * s.Tq; row++)
        {
            for (int j = 0; j < s.Tk; j++)
            {
                bool seen = k.keyMask[(row / s.Tq * (long)s.Tk) + j] != 0 && j < s.EndKey(row % s.Tq);
                k.mask[((long)row * s.Tk) + j] = seen ? 0f : k.hidden;
            }
        }
    }

    public static void Run(SinusoidalTable k)
    {
        for (long t = 0; t < k.y.Length / k.D; t++)
        {
            for (int c = 0; c < k.D; c += 2)
            {
                float angle = t / MathF.Pow(k.theta, (float)c / k.D);
                k.y[(t * k.D) + c] = MathF.Sin(angle);
                k.y[(t * k.D) + c + 1] = MathF.Cos(angle);
            }
        }
    }

    /// <summary>A power of two heads.</summary>
    public static void Run(AlibiSlopes k)
    {
        for (int h = 0; h < k.H; h++)
        {
            k.slopes[h] = MathF.Pow(2f, -8f * (h + 1) / k.H);
        }
    }

    /// <summary>Pairs (n, n + D/2).</summary>
    public static void Run(Rotary<float, Float32Element> k)
    {
        int half = k.D / 2;
        for (long row = 0; row < k.x.Length / k.D; row++)
        {
            long position = row % (k.x.Length / k.D / k.B / k.H);
            for (int n = 0; n < half; n++)
            {
                float angle = (position + k.offset) / MathF.Pow(k.theta, 2f * n / k.D);
                (float sin, float cos) = (k.sign * MathF.Sin(angle), MathF.Cos(angle));
                long at = (row * k.D) + n;
                (float a, float c) = (k.x[at], k.x[at + half]);
                k.y[at] = (a * cos) - (c * sin);
                k.y[at + half] = (a * sin) + (c * cos);
            }
        }
    }

    private static float Dot(View<float> a, View<float> b, int n)
    {
        float sum = 0f;
        for (int i = 0; i < n; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }
}
