using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>An LSTM's recurrence in plain loops: one sequence after another, steps first, all of full length, with a projection.</summary>
internal static partial class Loops
{
    public static void Run(LstmForward k)
    {
        LstmShape n = k.shape;
        for (long b = 0; b < n.B; b++)
        {
            float[] h = new float[n.P];
            float[] c = new float[n.H];
            for (long t = 0; t < n.T; t++)
            {
                long row = (t * n.B) + b;
                h.CopyTo(k.before.Row(row, n.P).Span());
                for (long j = 0; j < n.H; j++)
                {
                    float i = Sigmoid(Gate(k, row, 0, j, h));
                    float f = Sigmoid(Gate(k, row, 1, j, h));
                    float g = MathF.Tanh(Gate(k, row, 2, j, h));
                    float o = Sigmoid(Gate(k, row, 3, j, h));
                    c[j] = (f * c[j]) + (i * g);
                    k.m[(row * n.H) + j] = o * MathF.Tanh(c[j]);
                    Span<float> gates = k.gates.Row(row, 4 * n.H).Span();
                    (gates[(int)j], gates[(int)(n.H + j)], gates[(int)((2 * n.H) + j)], gates[(int)((3 * n.H) + j)]) = (i, f, g, o);
                }

                c.CopyTo(k.c.Row(row, n.H).Span());
                for (long p = 0; p < n.P; p++)
                {
                    h[p] = 0f;
                    for (long j = 0; j < n.H; j++)
                    {
                        h[p] += k.m[(row * n.H) + j] * k.projection[(j * n.P) + p];
                    }
                }

                h.CopyTo(k.y.Row(row, n.P).Span());
            }

            h.CopyTo(k.hn.Row(b, n.P).Span());
            c.CopyTo(k.cn.Row(b, n.H).Span());
        }
    }

    public static void Run(LstmBackward k)
    {
        LstmShape n = k.shape;
        for (long b = 0; b < n.B; b++)
        {
            float[] dState = new float[n.P];
            float[] dC = new float[n.H];
            for (long t = n.T - 1; t >= 0; t--)
            {
                long row = (t * n.B) + b;
                Span<float> z = k.gates.Row(row, 4 * n.H).Span();
                for (long p = 0; p < n.P; p++)
                {
                    dState[p] += k.dY[(row * n.P) + p];
                }

                dState.CopyTo(k.dH.Row(row, n.P).Span());
                for (int j = 0; j < n.H; j++)
                {
                    float dM = 0f;
                    for (long p = 0; p < n.P; p++)
                    {
                        dM += dState[p] * k.projection[(p * n.H) + j];
                    }

                    Cell(k, row, j, z, dM, ref dC[j], t > 0 ? k.c[((row - n.B) * n.H) + j] : 0f);
                }

                for (long p = 0; p < n.P; p++)
                {
                    dState[p] = 0f;
                    for (int i = 0; i < 4 * n.H; i++)
                    {
                        dState[p] += z[i] * k.weight[(i * n.P) + p];
                    }
                }
            }

            dState.CopyTo(k.dH0.Row(b, n.P).Span());
            dC.CopyTo(k.dC0.Row(b, n.H).Span());
        }
    }

    private static float Gate(LstmForward k, long row, long gate, long j, float[] h)
    {
        LstmShape n = k.shape;
        float z = k.gates[(row * 4 * n.H) + (gate * n.H) + j];
        for (long p = 0; p < n.P; p++)
        {
            z += h[p] * k.weight[(p * 4 * n.H) + (gate * n.H) + j];
        }

        return z;
    }

    private static void Cell(LstmBackward k, long row, int j, Span<float> z, float dM, ref float dC, float before)
    {
        int H = (int)k.shape.H;
        (float i, float f, float g, float o) = (z[j], z[H + j], z[(2 * H) + j], z[(3 * H) + j]);
        float tanh = MathF.Tanh(k.c[(row * H) + j]);
        dC += dM * o * (1f - (tanh * tanh));
        z[j] = dC * g * i * (1f - i);
        z[H + j] = dC * before * f * (1f - f);
        z[(2 * H) + j] = dC * i * (1f - (g * g));
        z[(3 * H) + j] = dM * tanh * o * (1f - o);
        dC *= f;
    }

    private static float Sigmoid(float x) => 1f / (1f + MathF.Exp(-x));
}
