using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>The kernels in plain loops over the last axis, as they would be written first.</summary>
internal static partial class Loops
{
    public static void Run(SoftmaxForward k)
    {
        for (long row = 0; row < k.x.Length; row += k.n)
        {
            float max = float.NegativeInfinity;
            for (long i = 0; i < k.n; i++)
            {
                max = MathF.Max(max, k.x[row + i]);
            }

            float sum = 0f;
            for (long i = 0; i < k.n; i++)
            {
                sum += MathF.Exp(k.x[row + i] - max);
            }

            for (long i = 0; i < k.n; i++)
            {
                float d = k.x[row + i] - max;
                k.y[row + i] = k.log ? d - MathF.Log(sum) : MathF.Exp(d) / sum;
            }
        }
    }

    public static void Run(SoftmaxBackward k)
    {
        for (long row = 0; row < k.y.Length; row += k.n)
        {
            float sum = 0f;
            for (long i = 0; i < k.n; i++)
            {
                sum += k.log ? k.dY[row + i] : k.y[row + i] * k.dY[row + i];
            }

            for (long i = 0; i < k.n; i++)
            {
                float y = k.y[row + i];
                k.dX[row + i] = k.log ? k.dY[row + i] - (MathF.Exp(y) * sum) : y * (k.dY[row + i] - sum);
            }
        }
    }
}
