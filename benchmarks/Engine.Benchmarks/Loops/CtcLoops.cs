using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>Connectionist temporal classification in plain loops, all items of full length.</summary>
internal static partial class Loops
{
    public static void Run(CtcForward k)
    {
        CtcShape shape = k.shape;
        for (long b = 0; b < shape.B; b++)
        {
            for (long t = 0; t < shape.T; t++)
            {
                for (long s = 0; s < shape.L; s++)
                {
                    long at = (((b * shape.T) + t) * shape.L) + s;
                    float come = s < 2 ? 0f : float.NegativeInfinity;
                    if (t > 0)
                    {
                        come = k.alpha[at - shape.L];
                        come = s > 0 ? LogAdd(come, k.alpha[at - shape.L - 1]) : come;
                        come = shape.Skips(k.targets, b * shape.S, s) ? LogAdd(come, k.alpha[at - shape.L - 2]) : come;
                    }

                    k.alpha[at] = come + shape.Emit(k.logProbs, t, b, shape.Label(k.targets, b * shape.S, s));
                }
            }

            long end = ((b + 1) * shape.T * shape.L) - 1;
            k.loss[b] = -LogAdd(k.alpha[end], k.alpha[end - 1]) * shape.Weight(shape.S, k.mean);
        }
    }

    public static void Run(CtcBackward k)
    {
        CtcShape shape = k.shape;
        k.dLogProbs.Span().Clear();
        float[] beta = new float[shape.L];
        float[] next = new float[shape.L];
        for (long b = 0; b < shape.B; b++)
        {
            long end = ((b + 1) * shape.T * shape.L) - 1;
            float logP = LogAdd(k.alpha[end], k.alpha[end - 1]);
            float g = -k.dY[k.perItem ? b : 0] * shape.Weight(shape.S, k.mean);
            for (long t = shape.T - 1; t >= 0; t--)
            {
                (beta, next) = (next, beta);
                for (long s = 0; s < shape.L; s++)
                {
                    beta[s] = t == shape.T - 1 ? (s >= shape.L - 2 ? 0f : float.NegativeInfinity) : Onwards(k, next, b, t, s);
                    int label = shape.Label(k.targets, b * shape.S, s);
                    float share = MathF.Exp(k.alpha[(((b * shape.T) + t) * shape.L) + s] + beta[s] - logP);
                    k.dLogProbs[(((t * shape.B) + b) * shape.C) + label] += g * share;
                }
            }
        }
    }

    public static void Run(CtcCheck k)
    {
        k.position[0] = -1;
        for (int i = (int)(k.shape.B * k.shape.S) - 1; i >= 0; i--)
        {
            if (k.targets[i] < 0 || k.targets[i] >= k.shape.C || k.targets[i] == k.shape.Blank)
            {
                k.position[0] = i;
            }
        }
    }

    private static float Onwards(CtcBackward k, float[] next, long b, long t, long s)
    {
        CtcShape shape = k.shape;
        float y = float.NegativeInfinity;
        for (long to = s; to < Math.Min(shape.L, s + 3); to++)
        {
            if (to < s + 2 || shape.Skips(k.targets, b * shape.S, to))
            {
                y = LogAdd(y, next[to] + shape.Emit(k.logProbs, t + 1, b, shape.Label(k.targets, b * shape.S, to)));
            }
        }

        return y;
    }

    private static float LogAdd(float a, float b)
    {
        float m = MathF.Max(a, b);
        return m == float.NegativeInfinity ? m : m + MathF.Log(MathF.Exp(a - m) + MathF.Exp(b - m));
    }
}
