using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>Updates of parameters in plain loops.</summary>
internal static partial class Loops
{
    public static void Run(AdagradStep k)
    {
        for (long i = 0; i < k.n; i++)
        {
            float d = (k.gradScale * k.g[i]) + (k.l2 * k.p[i]);
            k.s[i] += d * d;
            k.p[i] -= k.lr * d / (MathF.Sqrt(k.s[i]) + k.eps);
        }
    }

    public static void Run(AdamStep k)
    {
        for (long i = 0; i < k.n; i++)
        {
            float d = k.gradScale * k.g[i];
            k.m[i] += k.oneMinusBeta1 * (d - k.m[i]);
            k.v[i] += k.oneMinusBeta2 * ((d * d) - k.v[i]);
            k.p[i] = (k.decay * k.p[i]) - (k.rate * k.m[i] / ((MathF.Sqrt(k.v[i]) * k.root) + k.eps));
        }
    }

    public static void Run(LionStep k)
    {
        for (long i = 0; i < k.n; i++)
        {
            float d = k.gradScale * k.g[i];
            float c = k.m[i] + (k.oneMinusBeta1 * (d - k.m[i]));
            k.p[i] = (k.decay * k.p[i]) - (k.lr * MathF.Sign(c));
            k.m[i] += k.oneMinusBeta2 * (d - k.m[i]);
        }
    }

    public static void Run(RmsPropStep k)
    {
        for (long i = 0; i < k.n; i++)
        {
            float d = (k.gradScale * k.g[i]) + (k.l2 * k.p[i]);
            k.v[i] += k.oneMinusAlpha * ((d * d) - k.v[i]);
            k.p[i] -= k.lr * d / (MathF.Sqrt(k.v[i]) + k.eps);
        }
    }

    public static void Run(SgdStep k)
    {
        for (long i = 0; i < k.n; i++)
        {
            k.v[i] = (k.momentum * k.v[i]) + (k.gradScale * k.g[i]) + (k.l2 * k.p[i]);
            k.p[i] -= k.lr * k.v[i];
        }
    }

    public static void Run(LambMoments k)
    {
        for (long i = 0; i < k.n; i++)
        {
            if (i % Block.Span == 0)
            {
                k.squaresP[i / Block.Span] = 0f;
                k.squaresU[i / Block.Span] = 0f;
            }

            float d = k.gradScale * k.g[i];
            k.m[i] += k.oneMinusBeta1 * (d - k.m[i]);
            k.v[i] += k.oneMinusBeta2 * ((d * d) - k.v[i]);
            float u = (k.m[i] * k.correct1 / ((MathF.Sqrt(k.v[i]) * k.root) + k.eps)) + (k.weightDecay * k.p[i]);
            k.squaresP[i / Block.Span] += k.p[i] * k.p[i];
            k.squaresU[i / Block.Span] += u * u;
        }
    }

    public static void Run(LambTrust k)
    {
        float p = 0f;
        float u = 0f;
        for (long i = 0; i < k.n; i++)
        {
            p += k.squaresP[i];
            u += k.squaresU[i];
        }

        k.trust[0] = MathF.Sqrt(p) / MathF.Sqrt(u);
    }

    public static void Run(LambApply k)
    {
        for (long i = 0; i < k.n; i++)
        {
            float u = (k.m[i] * k.correct1 / ((MathF.Sqrt(k.v[i]) * k.root) + k.eps)) + (k.weightDecay * k.p[i]);
            k.p[i] -= k.lr * k.trust[0] * u;
        }
    }

    public static void Run(AdafactorRows k)
    {
        long rows = k.r.Span().Length;
        for (long i = 0; i < rows; i++)
        {
            float s = 0f;
            for (long j = 0; j < k.M; j++)
            {
                float d = k.gradScale * k.g[(i * k.M) + j];
                s += d * d;
            }

            k.r[i] += k.oneMinusBeta * ((s / k.M) + k.eps - k.r[i]);
        }
    }

    public static void Run(AdafactorColumns k)
    {
        k.partial.Span().Clear();
        for (long i = 0; i < k.N; i++)
        {
            long part = i / k.chunk * k.M;
            for (long j = 0; j < k.M; j++)
            {
                float d = k.gradScale * k.g[(i * k.M) + j];
                k.partial[part + j] += d * d;
            }
        }
    }

    public static void Run(AdafactorColumnMoments k)
    {
        for (long j = 0; j < k.M; j++)
        {
            float s = 0f;
            for (long part = 0; part < k.chunks; part++)
            {
                s += k.partial[(part * k.M) + j];
            }

            k.c[j] += k.oneMinusBeta * ((s / k.N) + k.eps - k.c[j]);
        }
    }

    public static void Run(AdafactorNorms k)
    {
        for (long i = 0; i < k.n; i++)
        {
            if (i % Block.Span == 0)
            {
                k.squaresP[i / Block.Span] = 0f;
                k.squaresW[i / Block.Span] = 0f;
            }

            float w = k.gradScale * k.g[i] / MathF.Sqrt(k.r[i / k.M] * k.c[i % k.M]);
            k.squaresP[i / Block.Span] += k.p[i] * k.p[i];
            k.squaresW[i / Block.Span] += w * w;
        }
    }

    public static void Run(AdafactorScale k)
    {
        (float p, float w, float r) = (0f, 0f, 0f);
        for (long i = 0; i < k.parts; i++)
        {
            p += k.squaresP[i];
            w += k.squaresW[i];
        }

        for (long i = 0; i < k.N; i++)
        {
            r += k.r[i];
        }

        float root = MathF.Sqrt(r / k.N);
        k.scale[0] = MathF.Max(k.eps2, MathF.Sqrt(p / k.count)) / MathF.Max(1f, MathF.Sqrt(w / k.count) * root / k.threshold) * root;
    }

    public static void Run(AdafactorApply k)
    {
        for (long i = 0; i < k.n; i++)
        {
            float w = k.gradScale * k.g[i] / MathF.Sqrt(k.r[i / k.M] * k.c[i % k.M]);
            k.p[i] = (k.decay * k.p[i]) - (k.lr * k.scale[0] * w);
        }
    }

    public static void Run(MovingAverage k)
    {
        for (long i = 0; i < k.n; i++)
        {
            k.e[i] += k.oneMinusDecay * (k.x[i] - k.e[i]);
        }
    }

    public static void Run(Exchange k)
    {
        for (long i = 0; i < k.n; i++)
        {
            (k.x[i], k.y[i]) = (k.y[i], k.x[i]);
        }
    }

    public static void Run(SumOfSquares k)
    {
        for (long start = 0; start < k.n; start += Block.Span)
        {
            float sum = 0f;
            for (long i = start; i < Math.Min(k.n, start + Block.Span); i++)
            {
                sum += k.x[i] * k.x[i];
            }

            k.partial[k.at + (start / Block.Span)] = sum;
        }
    }

    public static void Run(ClipScale k)
    {
        float sum = 0f;
        for (long i = 0; i < k.n; i++)
        {
            sum += k.partial[i];
        }

        k.norm[0] = k.gradScale * MathF.Sqrt(sum);
        k.scale[0] = MathF.Min(1f, k.maxNorm / (k.norm[0] + 1e-6f));
    }

    public static void Run(Rescale k)
    {
        for (long i = 0; i < k.n; i++)
        {
            k.x[i] *= k.factor[0];
        }
    }

    public static void Run(Limit k)
    {
        for (long i = 0; i < k.n; i++)
        {
            k.x[i] = MathF.Min(MathF.Max(k.x[i], -k.limit), k.limit);
        }
    }
}
